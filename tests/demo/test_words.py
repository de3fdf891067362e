"""Every code that the demo company holds has words: on its screens, and in the audit log."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask_babel import force_locale
from markupsafe import Markup

from app.extensions import db
from app.models import AuditLog
from app.services.system import audit_reading
from app.services.system.audit_reading import Told
from app.views import audit_words
from tests.demo.test_loader import loaded
from tests.views.test_screens import screens

pytestmark = pytest.mark.backends("sqlite")
LOWER = re.compile(r"[a-z][a-z_]+")
CODE = re.compile(r"(?<![\w./@#:-])[a-z]+(?:_[a-z]+)+(?![\w./@:-])")
# What people or other programs have named: codes of reference data, keys, what a channel sent.
NAMED_BY_OTHERS = {"client_params", "code", "key", "path", "query", "storage_key", "username"}


@pytest.fixture(scope="module")
def company(_app_of, _databases, backend, tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    with loaded(_app_of(backend), _databases[backend], folder, "tiny") as app:
        yield app


def coded_columns(view: Any) -> list[str]:
    """Columns of the screen with a closed set of values."""
    model = view.datamodel.obj
    return [name for name in view.choices if hasattr(getattr(model, name, None), "type")]


def codes_of(views: Iterable[Any]) -> set[str]:
    """Every value that has a word of its own."""
    words = {code: word for view in views for table in view.choices.values()
             for code, word in table.items()}  # fmt: skip
    return {code for code, word in words.items() if isinstance(code, str) and str(word) != code}


def test_what_a_screen_can_hold_has_a_word(company):
    words: dict[Any, set[Any]] = {}
    for view in screens("list"):
        for name in coded_columns(view):
            column = getattr(view.datamodel.obj, name)
            words.setdefault(column, {None, ""}).update(view.choices[name])
    wordless = {
        str(column): lacking
        for column, known in words.items()
        if (lacking := set(db.session.scalars(sa.select(column).distinct())) - known)
    }
    assert wordless == {}
    assert len(words) > 50


def holds_codes(told: Told) -> bool:
    """Whether a side may be a code, or JSON with codes."""
    return told.name not in NAMED_BY_OTHERS and any(
        LOWER.fullmatch(side) if isinstance(side, str) else isinstance(side, (dict, list))
        for side in (told.before, told.after)
    )


def told_once() -> Iterator[tuple[str, Told]]:
    """Every different change that may hold a code, as whoever may open personal values reads it."""
    seen = set()
    for row in db.session.scalars(sa.select(AuditLog)):
        for one in audit_reading._read(row, lambda _column, value: value):
            place = (row.entity, one.name, str(one.before), str(one.after))
            if place not in seen and holds_codes(one):
                seen.add(place)
                yield row.entity, one


def test_the_audit_log_tells_no_code(company):
    found: dict[tuple[str, str], str] = {}
    count = 0
    with company.test_request_context(), force_locale("zh"):
        for entity, one in told_once():
            count += 1
            for shown in audit_words.differences(entity, [one])[0]:
                text = shown.striptags() if isinstance(shown, Markup) else str(shown)
                if CODE.search(text):
                    found.setdefault((entity, one.name), text)
    assert found == {}
    assert count > 200
