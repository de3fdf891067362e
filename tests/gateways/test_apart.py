"""Gateway and adapters share no code that signs, so that a mistake in one shows in the other."""

import ast
from pathlib import Path

GATEWAYS = Path(__file__).parents[2] / "app" / "gateways"
LOCAL = sorted((GATEWAYS / "local").glob("*.py"))
ADAPTERS = sorted(set(GATEWAYS.glob("*.py")) - {GATEWAYS / "__init__.py"})


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, path
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_the_local_gateway_imports_nothing_of_an_adapter() -> None:
    assert len(LOCAL) > 15
    for path in LOCAL:
        ours = {name for name in imports(path) if name.startswith("app.")}
        assert all(name.startswith("app.gateways.local") for name in ours), path.name
        assert "wechatpayv3" not in imports(path), path.name


def test_an_adapter_imports_nothing_of_the_local_gateway() -> None:
    assert {"alipay.py", "alipay_core.py", "wechat_core.py"} <= {path.name for path in ADAPTERS}
    for path in ADAPTERS:
        assert not {name for name in imports(path) if "gateways.local" in name}, path.name
