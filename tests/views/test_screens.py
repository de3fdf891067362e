"""Every screen opens for whoever may open it: list, page, form; with few statements, in Chinese."""

import functools
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app

from app.extensions import db
from app.security import ROLES
from app.views.base_declaration import NOTHING
from app.views.labels_empty import EMPTY_LISTS
from tests.kit.words import foreign_words
from tests.views import stage

MOST_STATEMENTS = 10
SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
RAW = ('{"', "{'", "[{")  # what is kept as JSON, and nobody has put into words
WHOLE_PHONE = re.compile(r"\b1[2-9]\d{9}\b")


@pytest.fixture(scope="module")
def staged(once):
    return once(stage.build_all)


@pytest.fixture
def company(built):
    return built


def screens(verb: str) -> list[Any]:
    application: Any = current_app
    return [
        view
        for view in application.appbuilder.baseviews
        if hasattr(view, "datamodel") and f"can_{verb}" in view.base_permissions
    ]


def who_may(verb: str, view: Any) -> str:
    wanted = (f"can_{verb}", type(view).__name__)
    return next(code for code, role in ROLES.items() if wanted in role.grants)


def assert_reads_well(answer: Any, url: str) -> None:
    assert answer.status_code == 200, url
    assert WHOLE_PHONE.findall(answer.text) == [], url
    text = html.unescape(TAG.sub("", SCRIPT.sub("", answer.text)))
    assert [raw for raw in RAW if raw in text] == [], url
    assert set(foreign_words(answer.text)) == set(), url


def clients_of(staff_client: Any) -> Callable[[str], Any]:
    """One client a role, however often it is asked for."""
    return functools.cache(staff_client)


@pytest.fixture
def client_of(staff_client: Any) -> Callable[[str], Any]:
    """One client a role, who reads Chinese."""

    def make(role: str) -> Any:
        client = staff_client(role)
        client.get("/lang/zh")
        return client

    return clients_of(make)


@pytest.mark.crawler(backend="postgresql")
def test_every_list_opens_in_few_statements(company, client_of, count_queries):
    found = {}
    for view in screens("list"):
        client = client_of(who_may("list", view))
        with count_queries() as statements:
            answer = client.get(f"{view.route_base}/list/")
        assert_reads_well(answer, view.route_base)
        found[type(view).__name__] = len(statements)
    assert {name: count for name, count in found.items() if count > MOST_STATEMENTS} == {}


@pytest.mark.crawler(backend="postgresql")
def test_every_page_of_a_row_opens(company, client_of):
    for view in screens("show"):
        client = client_of(who_may("show", view))
        keys = db.session.scalars(sa.select(view.datamodel.key).limit(2)).all()
        for key in keys:
            answer = client.get(f"{view.route_base}/show/{key}")
            assert_reads_well(answer, f"{view.route_base} {key}")


@pytest.mark.backends("sqlite")
def test_every_form_opens_with_the_row_and_without(company, client_of):
    for view in screens("add"):
        answer = client_of(who_may("add", view)).get(f"{view.route_base}/add")
        assert_reads_well(answer, view.route_base)
    for view in screens("edit"):
        key = db.session.scalars(sa.select(view.datamodel.key).limit(1)).first()
        if key is None:
            continue
        answer = client_of(who_may("edit", view)).get(f"{view.route_base}/edit/{key}")
        assert_reads_well(answer, view.route_base)


@pytest.mark.backends("sqlite")
def test_every_action_with_a_form_asks_first(company, client_of):
    for view in screens("list"):
        for action in view.row_actions.values():
            key = db.session.scalars(sa.select(view.datamodel.key).limit(1)).first()
            if action.form is None or key is None:
                continue
            client = client_of(who_may(action.name, view))
            answer = client.get(f"{view.route_base}/ask/{action.name}/{key}")
            assert answer.status_code == 200, f"{view.route_base} {action.name}"


@pytest.mark.backends("sqlite")
def test_the_start_page_needs_few_statements(company, staff_client, count_queries):
    for role in ROLES:
        client = staff_client(role)
        with count_queries() as statements:
            assert client.get("/").status_code == 200
        assert len(statements) <= MOST_STATEMENTS, role


@pytest.mark.parametrize("role", ["operations", "finance"])
def test_an_orders_page_needs_few_statements(company, staff_client, count_queries, role):
    client, key = staff_client(role), company.completed.id
    for part in ("story", "dispatch", "money"):
        with count_queries() as statements:
            answer = client.get(f"/orders/show/{key}?part={part}")
        assert answer.status_code == 200
        assert len(statements) <= MOST_STATEMENTS, part


@pytest.mark.backends("sqlite")
def test_every_empty_list_says_what_it_is_for(app):
    silent = {type(view).__name__ for view in screens("list") if view.empty_text is NOTHING}
    assert silent == set()
    unknown = set(EMPTY_LISTS) - {type(view).__name__ for view in screens("list")}
    assert unknown == set()
