"""The shape of the code, as docs/structure.md describes it."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"

# layer -> the parts of app that it may import. What is not listed is forbidden.
MAY_IMPORT = {
    "domain": {"domain"},
    "models": {"models", "domain"},
    "gateways": {"gateways", "domain"},
    "services": {"services", "models", "gateways", "domain", "extensions"},
    "reports": {"reports", "models", "domain", "extensions", "services.access", "services.clock"},
    "jobs": {"jobs", "services", "reports", "models", "gateways", "domain", "extensions"},
    "views": {"views", "services", "reports", "models", "domain", "extensions", "security", "fab"},
    "api": {"api", "services", "reports", "models", "domain", "extensions", "security", "fab"},
}
# Modules directly in app/ belong together by their first word: fab_kinds, security_matrix.
FAMILIES = ("fab", "security")
# Single imports that the rule would forbid, each with its reason.
EXCEPTIONS = {
    ("jobs/context.py", "create_app"): "an RQ worker is a process of its own and makes its app",
}
COMMITTERS = {
    "services/transactions.py",
    "security.py",  # the role sync of `flask init`
}
STATUS_WRITERS = ("domain/states.py", "gateways/local/")  # the latter: of HTTP
CLOCKS = (
    "services/clock.py",
    "gateways/local/",  # a program of its own that plays the outside world
    "server/",  # waits for processes in real time
)
FRAMEWORKS = {"flask", "flask_appbuilder", "flask_babel", "sqlalchemy", "marshmallow", "werkzeug"}
FOREIGN_HOSTS = re.compile(
    r"https?://[\w.-]*(npmjs|jsdelivr|unpkg|cdnjs|googleapis|gstatic|npmmirror|taobao|aliyun"
    r"|tuna\.tsinghua|pypi\.org|pythonhosted|bootcdn)[\w.-]*",
    re.IGNORECASE,
)


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations/versions" not in path.as_posix()]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name_of(path: Path) -> str:
    return path.relative_to(APP).as_posix()


LAYERED = [(path, layer) for layer in MAY_IMPORT for path in sources(f"app/{layer}")]


def imports(path: Path) -> Iterator[str]:
    """Dotted names below `app`, wherever in the file they are imported."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module.split(".")[0] == "app":
                yield from (f"{node.module}.{alias.name}"[4:] for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name[4:] for alias in node.names if alias.name.startswith("app."))


def is_allowed(name: str, allowed: set[str]) -> bool:
    parts = name.split(".")
    parts[0] = next((f for f in FAMILIES if parts[0].startswith(f"{f}_")), parts[0])
    return any(".".join(parts[:length]) in allowed for length in range(1, len(parts) + 1))


def test_layers_only_look_down():
    forbidden = {
        (name_of(path), name)
        for path, layer in LAYERED
        for name in imports(path)
        if not is_allowed(name, MAY_IMPORT[layer]) and (name_of(path), name) not in EXCEPTIONS
    }

    assert forbidden == set()


def test_the_domain_needs_no_framework():
    for path in sources("app/domain"):
        modules = {
            name.split(".")[0]
            for node in ast.walk(tree_of(path))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }

        assert not modules & FRAMEWORKS, name_of(path)


def test_only_one_module_commits():
    committers = {
        name_of(path)
        for path in sources("app")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }

    assert committers <= COMMITTERS


def test_only_the_table_of_moves_writes_a_status():
    writers = {
        f"{name_of(path)}:{node.lineno}"
        for path in sources("app")
        if not name_of(path).startswith(STATUS_WRITERS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr == "status"
    }

    assert writers == set()


def test_the_clock_is_read_in_one_place():
    readers = {
        f"{name_of(path)}:{node.lineno}"
        for path in sources("app")
        if not name_of(path).startswith(CLOCKS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and (
            node.attr in {"utcnow", "today"}
            or (node.attr == "now" and ast.unparse(node.value).endswith("datetime"))
            or (node.attr in {"time", "time_ns"} and ast.unparse(node.value) == "time")
        )
        and not ast.unparse(node.value).endswith("clock")
    }

    assert readers == set()


def test_files_and_functions_stay_small():
    code = sources("app", "tests", "benchmarks")
    functions = {
        f"{path.name}: {node.name}": node.end_lineno - node.lineno + 1
        for path in code
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in functions.items() if length >= 80} == {}
    lengths = {path.as_posix(): len(path.read_text().splitlines()) for path in code}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_nothing_in_the_repository_names_a_registry_or_a_content_network():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    named = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path == Path(__file__) or not path.is_file() or path.stat().st_size > 5_000_000:
            continue
        found = FOREIGN_HOSTS.search(path.read_text(errors="ignore"))
        if found:
            named[name] = found.group()

    assert named == {}
