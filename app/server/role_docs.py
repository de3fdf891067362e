"""`python -m app.server.role_docs`: writes docs/roles.md from the matrix of roles."""

from collections.abc import Iterator, Mapping

from app.domain.approvals import DECIDERS
from app.security import ROLES
from app.security_exports import EXPORTS
from app.security_matrix import MATRIX, REST_MATRIX
from config import BASE_DIR

FILE = BASE_DIR / "docs" / "roles.md"
HEAD = """# Roles

Who may do what, written from `app/security_matrix.py` by `make docs`. The eight roles are part of
the program and locked in the UI; a company makes others of what is neither money nor power. Nobody
holds the framework's own `Admin`. Rows are limited by branch, for a partner to its own workers.
"""
LOOKING = ("list", "show", "get")
WRITING = {"add", "edit", "delete", "post", "put"}


def text() -> str:
    """The whole document."""
    return HEAD + "".join(_lines())


def _lines() -> Iterator[str]:
    yield "\n## A second person\n\n| request | who decides (never who asked) |\n| --- | --- |\n"
    yield from (f"| `{kind}` | {', '.join(roles)} |\n" for kind, roles in DECIDERS.items())
    yield "\nA worker's money is reviewed by one and sent by another; a settlement is made by one "
    yield "and approved by another.\n\n## Screens and resources\n\n"
    yield "R looks, W adds or changes, other verbs by name.\n\n"
    yield f"| screen | {' | '.join(ROLES)} |\n| --- |{' --- |' * len(ROLES)}\n"
    for view, lines in {**MATRIX, **REST_MATRIX}.items():
        cells = (_cell({**lines, **EXPORTS.get(view, {})}, role) for role in ROLES)
        yield f"| {view.removesuffix('View')} | {' | '.join(cells)} |\n"


def _cell(lines: Mapping[str, str], role: str) -> str:
    verbs = [v for line, names in lines.items() if role in names.split() for v in line.split()]
    looks = ["R"] if set(verbs) & set(LOOKING) else []
    writes = ["W"] if set(verbs) & WRITING else []
    others = [verb for verb in verbs if verb not in {*LOOKING, *WRITING}]
    return " ".join([*looks, *writes, *others]) or "–"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
