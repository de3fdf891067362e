"""A list costs the same for one row and for thirty; each is listed here by its rows."""

import itertools
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.models import (
    Address,
    Adjustment,
    Assignment,
    Category,
    Favourite,
    MoveRequest,
    Notification,
    Offer,
    Order,
    OrderEvent,
    OrderItem,
    OrderLine,
    PayoutAccount,
    Region,
    Service,
    ServicePlan,
    SettlementRun,
    Statement,
    StatementLine,
    Visit,
    Withdrawal,
    Worker,
    WorkerAccount,
    WorkerSkill,
)
from app.services import clock
from app.services.dispatch import answering
from app.services.transactions import transaction
from tests import factories
from tests.api.support import REALMS
from tests.orders.test_coupons import given

C, W = "/api/customer/v1", "/api/worker/v1"
MOST = 30
# An access token costs one statement, a worker's two; what a list may need besides.
AT_MOST = {
    f"{C}/orders": 3, f"{C}/addresses": 3, f"{C}/services": 3, f"{C}/categories": 3,
    f"{C}/regions": 3, f"{C}/notifications": 3, f"{W}/offers": 4, f"{W}/notifications": 4,
    f"{W}/statements": 4, f"{W}/withdrawals": 4, f"{W}/visits": 4, f"{W}/payout-accounts": 4,
    f"{W}/adjustments": 4, f"{W}/moves": 4, f"{C}/plans": 4, f"{C}/workers": 6,
    f"{C}/favourites": 7, f"{C}/coupons": 3,
}  # fmt: skip
LATE = "D300506LATE"
FIXED = {f"{W}/reject-reasons", f"{W}/me", f"{C}/me"}


_numbers = itertools.count(1)


def copied(model, source, **changes):
    """A row like the source, but for its key and what must differ."""
    columns = sa.inspect(model).column_attrs.keys()
    skip = {"id", "version"}
    values = {key: getattr(source, key) for key in columns if key not in skip}
    for key in {"number", "code", "out_trade_no"} - changes.keys():
        if key in values:
            width = getattr(getattr(model, key).type, "length", 24)
            values[key] = f"{values[key][:2]}{next(_numbers):04d}"[:width]
    return model(**values | changes)


@pytest.fixture
def rows(scene):
    """rows(count): every list of the scene's people gets that many rows more."""

    def more(model, count, source=None, **changes):
        source = source or db.session.scalars(sa.select(model).order_by(model.id)).first()
        made = [
            copied(model, source, **{key: value(n) for key, value in changes.items()})
            for n in range(count)
        ]
        with transaction() as session:
            session.add_all(made)
        return made

    def rows(count):
        people = (("customer", scene.company.customer.id), ("worker", scene.worker.id))
        for kind, recipient in people:
            with transaction() as session:
                for _ in range(count):
                    data = {"order_id": scene.order.id}
                    session.add(
                        Notification(
                            recipient_kind=kind,
                            recipient_id=recipient,
                            kind="visit.done",
                            data=data,
                        )
                    )
        for model in (Address, Category, PayoutAccount, Withdrawal):
            more(model, count)
        more(Region, count, code=lambda n: f"44{next(_numbers):04d}")
        more(Service, count, published=lambda n: True)
        more(ServicePlan, count)
        for _ in range(count):
            given(scene.company.customer, f"K{next(_numbers)}")
        orders = more(Order, count, source=scene.order, quote_id=lambda n: None)
        more(Visit, count, source=scene.visit, order_id=lambda n: orders[n].id)
        visits = db.session.scalars(sa.select(Visit).order_by(Visit.id.desc()).limit(count)).all()
        more(Offer, count, source=scene.offer, order_id=lambda n: orders[n].id)
        with transaction() as session:
            for visit in visits:
                session.add(
                    Assignment(
                        order_id=visit.order_id,
                        visit_id=visit.id,
                        worker_id=scene.worker.id,
                        status="accepted",
                    )
                )
        accounts = more(
            WorkerAccount, count, phone_index=lambda n: f"{next(_numbers)}", phone=lambda n: None
        )
        workers = more(
            Worker, count, account_id=lambda n: accounts[n].id,
            number=lambda n: f"WX{next(_numbers)}",
        )  # fmt: skip
        for model in (WorkerSkill, Favourite):
            more(model, count, worker_id=lambda n: workers[n].id)
        more(MoveRequest, count, order_id=lambda n: orders[n].id)
        runs = more(
            SettlementRun,
            count,
            period_from=lambda n: clock.today() - timedelta(days=next(_numbers)),
        )
        more(Statement, count, run_id=lambda n: runs[n].id)
        with transaction() as session:
            session.add_all(
                Adjustment(
                    number=f"A{next(_numbers)}", branch_id=scene.company.branch.id,
                    worker_id=scene.worker.id, kind="reward", amount_fen=1, reason="好评",
                    status="approved",
                )
                for _ in range(count)
            )  # fmt: skip

    return rows


def lists():
    found = {
        e.path
        for e in REALMS
        if e.operation.method == "GET" and "<" not in e.path and e.path not in FIXED
    }
    assert found == set(AT_MOST), "say in AT_MOST what a new list may cost"
    return sorted(found)


def test_no_list_asks_once_more_for_each_row(scene, callers, rows, count_queries):
    costs: dict[str, list[int]] = {}
    lengths: dict[str, int] = {}
    for count in (1, MOST - 1):
        rows(count)
        for path in lists():
            client = callers["customer" if path.startswith(C) else "worker"]
            query = "?limit=50" if not path.endswith(("/visits", "/payout-accounts")) else ""
            query = "?from=2030-05-06&to=2030-05-08" if path.endswith("/visits") else query
            with count_queries() as statements:
                answer = client.get(path + query)
            assert answer.status_code == 200, (path, answer.text)
            costs.setdefault(path, []).append(len(statements))
            lengths[path] = len(answer.json["items"])
    assert {path: cost for path, cost in costs.items() if cost[0] != cost[1]} == {}
    assert {path: c for path, c in costs.items() if c[0] > AT_MOST[path]} == {}
    assert {path: n for path, n in lengths.items() if n < MOST} == {}


DETAILS = {
    f"{C}/orders/": (OrderLine, OrderItem, OrderEvent, Visit),
    f"{W}/statements/": (StatementLine,),
}


def test_an_order_costs_the_same_with_one_line_and_with_thirty(scene, callers, count_queries):
    answering.accept_offer(scene.offer.id, scene.worker.id, actor=factories.acting(scene.worker))
    url = f"{C}/orders/{scene.order.number}"
    with count_queries() as one:
        assert callers["customer"].get(url).status_code == 200
    with transaction() as session:
        session.add_all(
            copied(model, row, **changes(n))
            for model, changes in (
                (OrderLine, lambda n: {"position": 100 + n}),
                (OrderItem, lambda n: {}),
                (OrderEvent, lambda n: {}),
                (Visit, lambda n: {"sequence": 100 + n}),
            )
            for row in [
                session.scalars(sa.select(model).filter_by(order_id=scene.order.id)).first()
            ]
            for n in range(MOST)
        )
    with count_queries() as thirty:
        answer = callers["customer"].get(url).json
    assert min(len(answer[name]) for name in ("lines", "items", "timeline", "visits")) > MOST
    assert len(thirty) == len(one) <= 9, "\n".join(thirty)


def test_pages_follow_one_another_without_a_gap_while_rows_are_added(scene, callers, rows):
    rows(11)
    seen, cursor = [], ""
    while cursor is not None:
        page = callers["customer"].get(f"{C}/orders?limit=5&cursor={cursor}").json
        seen += [row["number"] for row in page["items"]]
        cursor = page["next_cursor"]
        if len(seen) == 5:
            with transaction() as session:
                session.add(copied(Order, scene.order, number=LATE, quote_id=None))
    query = sa.select(Order.number).where(Order.number != LATE).order_by(Order.id.desc())
    assert seen == list(db.session.scalars(query))


@pytest.mark.parametrize("sort", ["position", "price", "-price"])
def test_services_are_paged_in_any_order(scene, callers, rows, sort):
    rows(7)
    whole = callers["customer"].get(f"{C}/services?limit=50&sort={sort}").json["items"]
    seen, cursor = [], ""
    while cursor is not None:
        page = callers["customer"].get(f"{C}/services?limit=2&sort={sort}&cursor={cursor}").json
        seen += page["items"]
        cursor = page["next_cursor"]
    assert seen == whole
    prices = [row["price_fen"] for row in whole]
    if sort != "position":
        assert prices == sorted(prices, reverse=sort == "-price")
