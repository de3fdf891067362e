"""The audit log speaks the words of the screens: no column's, table's or status's raw name."""

import ast
import re
from pathlib import Path

import pytest
from flask_appbuilder import Model
from flask_babel import force_locale

from app.services import audit
from app.services.system.audit_reading import Told
from app.views import audit_words
from app.views.labels_events import AUDIT_ACTION

pytestmark = pytest.mark.backends("sqlite")
ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Said as they are by everybody: a code, an address, a standard.
LATIN = {"mime", "uuid", "id"}


@pytest.fixture
def page(app):
    with app.test_request_context(), force_locale("zh"):
        yield


def tables():
    mappers = {mapper.local_table.name: mapper for mapper in Model.registry.mappers}
    return {n: m for n, m in mappers.items() if getattr(m.class_, "audited", True)}


def shown(entity, name, value):
    return audit_words.differences(entity, [Told(name, None, value)])[0]


def test_every_table_and_column_that_is_audited_has_a_name(page):
    nameless = [name for name in tables() if not CHINESE.search(audit_words.subject((name, "1")))]
    for name, mapper in tables().items():
        for attribute in audit._plan(mapper).told:
            column = attribute.columns[0].name
            label = str(shown(name, column, "x")[0])
            if label == column or not (CHINESE.search(label) or column in LATIN):
                nameless.append(f"{name}.{column}")
    assert nameless == [], f"name them in app/views/labels_audit.py: {', '.join(nameless)}"


def test_every_status_and_kind_is_a_word(page):
    raw = []
    for name, mapper in tables().items():
        for constraint in mapper.local_table.constraints:
            allowed = re.fullmatch(r"(\w+) IN \((.*)\)", str(getattr(constraint, "sqltext", "")))
            for value in re.findall(r"'(\w+)'", allowed[2]) if allowed else ():
                if str(shown(name, allowed[1], value)[2]) == value:
                    raw.append(f"{name}.{allowed[1]}: {value}")
    assert raw == [], f"say them in the screen's choices or labels_audit.py: {', '.join(raw)}"


def test_money_is_in_yuan_and_a_time_of_day_a_time(page):
    assert shown("reward", "amount_fen", 5000)[2] == "¥50.00"
    assert shown("availability", "from_minute", 510)[2] == "08:30"
    told = audit_words.in_short(("reward", {"amount_fen": [5000, -7550], "kind": ["reward", None]}))
    assert "¥50.00 → -¥75.50" in told
    assert "amount_fen" not in told


def test_codes_of_reasons_and_roles_are_words(page):
    assert shown("customer_order", "unassigned_reason", "rounds_exhausted")[2] == "各轮邀约均已结束"
    assert CHINESE.search(shown("ab_user", "roles", ["finance", "hr"])[2])
    assert "finance" not in audit_words.in_short(("ab_user", {"role": "finance", "via": "page"}))


def test_every_action_that_is_recorded_has_a_word(page):
    actions = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called == "audit.record" and isinstance(node.args[0], ast.Constant):
                actions.add(node.args[0].value)
    assert len(actions) > 20
    assert actions - AUDIT_ACTION.keys() == set()
