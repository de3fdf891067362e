"""Every address of the office, by every role and by nobody, with real and with absurd arguments."""

import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import current_app
from werkzeug.routing import Rule

from app.extensions import db
from app.security import ROLES
from tests.views import stage

pytestmark = [pytest.mark.proof, pytest.mark.backends("postgresql")]  # the stricter of the two
ABSURD = ("0", "-1", "99999999999", "9" * 30, "abc", "%00", "'", "x" * 3000)
QUERIES = (
    "page_{view}=-1&psize_{view}=99999999999",
    "page_{view}=abc&psize_{view}=abc",
    "_oc_{view}=nothing&_od_{view}=sideways",
    "_flt_0_id=abc&_flt_99_id=1&_flt_0_nothing=1",
    "_flt_0_id=99999999999999999999",
    "_flt_0_number=%00",
    "search=%00&q=%00&part=%00&day=%00&date=%00",
    "search=" + "x" * 3000,
)
# They change who asks, or in which language; or tell of services that are not there.
LEAVES = {"/logout/", "/lang/<string:locale>", "/readyz"}
TRACES = ("Traceback (most recent", "sqlalchemy.exc", "psycopg.")
ROWS = 2
DRAWN = 8  # absurd values of an argument that a role tries


def rules() -> list[Rule]:
    found = [
        rule
        for rule in current_app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.rule not in LEAVES
    ]
    return sorted(found, key=lambda rule: rule.rule)


def keys_of_rows() -> dict[str, list[str]]:
    """Keys of rows that a screen shows, by the root of its addresses."""
    keys = {}
    for view in current_app.appbuilder.baseviews:
        if getattr(view, "datamodel", None) is not None and view.route_base:
            query = sa.select(view.datamodel.key).limit(ROWS)
            keys[view.route_base] = [str(key) for key in db.session.scalars(query).all()]
    return keys


def addresses(chance: random.Random) -> Iterator[str]:
    rows = keys_of_rows()
    views = {view.route_base: type(view).__name__ for view in current_app.appbuilder.baseviews}
    for rule in rules():
        root = next((r for r in sorted(rows, key=len, reverse=True) if under(rule.rule, r)), "")
        names = sorted(rule.arguments)
        if not names:
            yield rule.rule
            if "/api/" not in rule.rule:
                view = next((v for r, v in views.items() if r and under(rule.rule, r)), "")
                yield from (
                    f"{rule.rule}?{query.format(view=view)}"
                    for query in chance.sample(QUERIES, DRAWN)
                )
        real = {
            name: actions(rule) if name == "name" else rows.get(root) or ["1"] for name in names
        }
        yield from filled(rule.rule, names, real, chance.sample(ABSURD, DRAWN))


def under(address: str, root: str) -> bool:
    return address.startswith(f"{root}/")


def actions(rule: Rule) -> list[str]:
    """Names of row actions of the screen that the rule belongs to."""
    for view in current_app.appbuilder.baseviews:
        if view.route_base and under(rule.rule, view.route_base):
            return list(getattr(view, "row_actions", {})) or ["1"]
    return ["1"]


def filled(
    address: str, names: list[str], real: dict[str, list[str]], absurd: list[str]
) -> Iterator[str]:
    """All real arguments together, then each argument absurd while the others stay real."""
    if not names:
        return
    for values in itertools.product(*(real[name] for name in names)):
        yield with_values(address, dict(zip(names, values, strict=True)))
    usual = {name: real[name][0] for name in names}
    for name, value in itertools.product(names, absurd):
        yield with_values(address, {**usual, name: value})


def with_values(address: str, values: dict[str, str]) -> str:
    parts: list[str] = []
    for piece in address.replace(">", "<").split("<"):
        name = piece.split(":")[-1]
        value = values.get(name) if len(parts) % 2 else None
        parts.append(piece if value is None else quote(value, safe="%"))
    return "".join(parts)


@pytest.fixture
def built(app, monkeypatch):
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)  # as in production
    return stage.build()


@pytest.mark.parametrize("who", [None, *ROLES])
def test_no_address_breaks(built, client, staff_client, capsys, caplog, who):
    visitor = staff_client(who) if who else client
    seen: Counter[int] = Counter()
    broken, began = [], time.monotonic()
    for address in addresses(random.Random(who or "nobody")):
        caplog.clear()
        answer = visitor.get(address)
        seen[answer.status_code] += 1
        told = any(trace in answer.get_data(as_text=True) for trace in TRACES if is_text(answer))
        if answer.status_code >= 500 or told:
            last = [str(r.exc_info[1]) for r in caplog.records if r.exc_info]
            broken.append((answer.status_code, address[:150], last[-1][:200] if last else ""))
        answer.close()
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\n{who or 'nobody'}: {sum(seen.values())} requests in {took:.0f} s, {dict(seen)}")
    assert not broken, "\n".join(f"{status} {address} {why}" for status, address, why in broken)


def is_text(answer) -> bool:
    return answer.mimetype.startswith(("text/", "application/json"))
