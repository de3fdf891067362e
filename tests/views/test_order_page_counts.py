"""A page about orders asks the database as often for thirty rows as for one.

The rows belong to different customers, workers and visits: what is loaded row by row would show.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.transactions import transaction
from benchmarks.order_plans import Size
from benchmarks.order_rows import Company, fill

# What the pages ask of PostgreSQL, tests/views/test_screens.py asks it.
pytestmark = pytest.mark.backends("sqlite")
MOST = 10


@pytest.fixture
def company(app: Flask) -> Company:
    with transaction() as session:
        return fill(session.connection(), Size(orders=60, customers=60, workers=40))


@pytest.fixture
def statements_of(count_queries: Any) -> Callable[[FlaskClient, str], tuple[int, str]]:
    def statements_of(client: FlaskClient, url: str) -> tuple[int, str]:
        client.get(url)  # what is kept from the first visit on is not the page's
        with count_queries() as statements:
            answer = client.get(url)
        assert answer.status_code == 200
        return len(statements), answer.text

    return statements_of


@pytest.fixture(params=["operations", "finance", "dispatcher"])
def reader(request: pytest.FixtureRequest, company: Company, staff_client: Any) -> Any:
    """Somebody of the branch: the row scope is part of what is counted."""
    return staff_client(request.param, branch_id=1)


def test_the_list_asks_as_often_for_thirty_orders_as_for_one(reader, statements_of):
    one, short = statements_of(reader, "/orders/list/?psize_OrderView=1")
    thirty, long = statements_of(reader, "/orders/list/?psize_OrderView=30")
    assert (short.count("row-link"), long.count("row-link")) == (1, 30)
    assert one == thirty <= MOST


def test_a_filtered_list_asks_as_often_for_thirty_orders_as_for_one(reader, statements_of):
    url = "/orders/list/?_flt_0_status=completed&_flt_0_hours=0&psize_OrderView="
    one, short = statements_of(reader, f"{url}1")
    thirty, long = statements_of(reader, f"{url}30")
    assert (short.count("row-link"), long.count("row-link")) == (1, 30)
    assert one == thirty <= MOST


@pytest.mark.parametrize("part", ["story", "dispatch", "money"])
def test_an_order_page_asks_as_often_for_thirty_parts_as_for_one(
    part, reader, company, statements_of
):
    one, short = statements_of(reader, f"/orders/show/{company.single}?part={part}")
    thirty, long = statements_of(reader, f"/orders/show/{company.crowded}?part={part}")
    assert len(long) > len(short)
    assert one == thirty <= MOST
