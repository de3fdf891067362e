"""No page of the demo company shows a code where there is a word for it, in either language.

A code is what a column with a closed set of values holds, and whatever looks like one: two_words.
What people have typed (names, codes of services, addresses) is shown as it is.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role

from app.extensions import db
from app.models import AuditLog
from app.security import ROLES
from app.services.transactions import transaction
from tests.demo.test_loader import loaded
from tests.demo.test_words import coded_columns, codes_of
from tests.kit import clients
from tests.kit.words import Text, foreign_words
from tests.views.test_screens import screens

pytestmark = [pytest.mark.proof, pytest.mark.backends("sqlite")]
CODE = re.compile(r"(?<![\w./@#-])[a-z]+(?:_[a-z]+)+(?![\w./@-])")
# What a channel sent is kept and shown as it came; keys of journals are their numbers.
AS_IT_CAME = re.compile(r"/payment-notices/show/|/audit/list/|/systemlog/list/")
KEY = re.compile(r"[a-z_]+:\d+")
EVERYBODY = "everybody"


@pytest.fixture(scope="module")
def company(_app_of, _databases, backend, tmp_path_factory):
    folder = tmp_path_factory.mktemp("codes")
    with loaded(_app_of(backend), _databases[backend], folder, "tiny") as app:
        user = clients.add_staff(None, EVERYBODY, branch_id=None)
        with transaction() as session:
            codes = ROLES.keys() - {"partner"}
            session.merge(user).roles = list(
                session.scalars(sa.select(Role).where(Role.name.in_(codes)))
            )
        yield app


def rows_to_show(view: Any) -> set[Any]:
    """A row for each value of each column with a closed set of values, and the newest one."""
    model, key = view.datamodel.obj, view.datamodel.key
    columns: list[tuple[Any, ...]] = [(getattr(model, name),) for name in coded_columns(view)]
    if model is AuditLog:
        columns = [(AuditLog.entity, AuditLog.action)]
    found = {db.session.scalar(sa.select(sa.func.max(key)))}
    for group in columns:
        found |= set(db.session.scalars(sa.select(sa.func.max(key)).group_by(*group)))
    return found - {None}


def addresses() -> Iterator[str]:
    for view in screens("list"):
        yield f"{view.route_base}/list/?psize_{type(view).__name__}=100"
    for view in screens("show"):
        for key in sorted(rows_to_show(view), key=str):
            yield f"{view.route_base}/show/{key}"
            if view.route_base == "/orders":
                yield from (f"/orders/show/{key}?part={part}" for part in ("dispatch", "money"))


def typed() -> set[str]:
    """Every text that a column without a closed set of values holds."""
    coded = {
        getattr(view.datamodel.obj, n) for view in screens("list") for n in coded_columns(view)
    }
    found: set[str] = {EVERYBODY, f"员工 Test{EVERYBODY}", f"Test{EVERYBODY}", "Test"}
    for mapper in db.Model.registry.mappers:
        for attribute in mapper.column_attrs:
            column = getattr(mapper.class_, attribute.key)
            if isinstance(attribute.columns[0].type, sa.String) and column not in coded:
                found |= {
                    " ".join(one.split()) for one in db.session.scalars(sa.select(column)) if one
                }
    return found


def raw(texts: list[str], known: set[str], data: set[str]) -> set[str]:
    lines = {" ".join(text.split()) for text in texts}
    return {
        line
        for line in lines - data
        if not KEY.fullmatch(line) and (line in known or CODE.search(line))
    }


def wrong(source: str, language: str, known: set[str], data: set[str]) -> set[str]:
    reader = Text()
    reader.feed(source)
    found = raw(reader.found, known, data)
    if language == "zh":
        found |= {one for one in foreign_words(source) if one.partition(" <- ")[2] not in data}
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_code_is_told_in_words(company, capsys, language):
    client = company.test_client()
    client.post("/login/", data={"username": EVERYBODY, "password": clients.PASSWORD})
    client.get(f"/lang/{language}")
    known, data, paths = codes_of(screens("list")), typed(), list(addresses())
    found: dict[str, str] = {}
    for path in paths:
        answer = client.get(path)
        if answer.status_code == 404 or AS_IT_CAME.search(path):
            continue  # a saved view of somebody else
        assert answer.status_code == 200, path
        source = "<main" + answer.text.split("<main", 1)[-1]
        for one in wrong(source, language, known, data):
            found.setdefault(one, path)
    with capsys.disabled():
        print(f"\n{language}: {len(paths)} pages of the demo")
    assert not found, "\n".join(f"{path}: {one}" for one, path in found.items())
