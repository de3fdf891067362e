"""Traps 10, 14, 16 and 18 of FAB: outside hosts, naive audit columns, missing Chinese, contexts."""

import re
import types
from pathlib import Path

import flask_appbuilder
import pytest
from babel.messages.pofile import read_po
from flask_appbuilder.models.mixins import AuditMixin

import app as package
import config
from app.models.base import Created, UtcDateTime

STOCK = Path(flask_appbuilder.__file__).parent
OURS = Path(package.__file__).parent
FETCHED = re.compile(
    r"""(?:src|href)\s*=\s*["'](?:https?:)?//|@import\s+(?:url\()?["']?(?:https?:)?//"""
)


def fetching(folder: Path, *kinds: str) -> list[str]:
    """Files that make a browser ask another host."""
    files = [path for kind in kinds for path in folder.rglob(kind)]
    return sorted(
        path.name for path in files if FETCHED.search(path.read_text("utf-8", errors="replace"))
    )


def test_no_template_or_style_of_ours_asks_another_host() -> None:
    """Trap 10: FAB's themes and charts load from the internet."""
    assert len(fetching(STOCK / "static", "*.css")) >= 10
    assert fetching(OURS / "templates", "*.html") == []
    assert fetching(OURS / "static" / "css", "*.css") == []


def test_the_time_of_a_row_is_aware_and_needs_nobody_signed_in() -> None:
    """Trap 14: FAB's AuditMixin stores naive times and demands a user of a request."""
    stock = AuditMixin.created_on
    assert stock.type.timezone is False
    assert stock.default.arg(None).tzinfo is None
    ours = Created.created_at.column
    assert isinstance(ours.type, UtcDateTime)
    with pytest.raises(ValueError, match=r".+"):
        ours.type.process_bind_param(stock.default.arg(None), None)
    assert not any(name.endswith("_by_fk") for name in vars(Created))


def words(folder: Path) -> dict[str, str]:
    with (folder / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


def test_what_fabs_own_chinese_lacks_ours_says() -> None:
    """Trap 16: the frame's catalogue is incomplete, and relative folders are not found."""
    lacking = {text for text, said in words(STOCK / "translations").items() if not said}
    assert lacking
    folder = config.BASE_DIR / "translations"
    assert folder.is_absolute()
    ours = words(folder)
    assert [text for text in ours if text in lacking and not ours[text]] == []


def test_the_package_is_no_application() -> None:
    """Trap 18: `import app` gives the package; `app:create_app()` is what is served."""
    assert isinstance(package, types.ModuleType)
    assert callable(package.create_app)
