"""Refunds that rivals ask for, decide and cancel at the same moment: never above what was paid."""

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import Approval, Order, PaymentAttempt, Refund
from app.services.money import refunds
from app.services.money.refunds import deciding
from app.services.orders import cancelling
from app.services.system import approvals, checks
from app.services.transactions import transaction
from tests import factories
from tests.kit.clients import add_staff
from tests.kit.rivals import at_once
from tests.money.support import again, balances, order, pay

pytestmark = pytest.mark.backends("postgresql")
THREADS = 8


@pytest.fixture(autouse=True)
def _let_go(real_app: Flask) -> Iterator[None]:
    yield
    db.session.remove()


@pytest.fixture
def paid(real_app):
    row = order(factories.company(), 10_000)
    pay(row)
    return row


def each(app: Flask, act: Callable[[int], Any]) -> Counter[str]:
    return at_once(app, [functools.partial(act, number) for number in range(THREADS)])


def whole() -> None:
    assert {name: f.failures for name, f in checks.run_all().items() if not f.ok} == {}


def test_rivals_together_are_given_no_more_than_was_paid(paid, real_app):
    order_id = paid.id

    def act(_: int) -> None:
        refunds.request_refund(order_id, 3_000, reason="少做", actor=SYSTEM)

    assert each(real_app, act) == {"ok": 3, "above_captured": 5}

    assert (again(paid).due_fen, balances()["refunds_due"]) == (1_000, 9_000)
    whole()


def test_the_database_alone_is_guard_enough(paid, real_app):
    """Without the order's lock and the check: the reservation on the payment decides."""
    order_id = paid.id

    def act(_: int) -> None:
        with transaction(SYSTEM) as session:
            row = session.get_one(Order, order_id)
            table = PaymentAttempt.__table__
            session.execute(sa.update(table).values(refund_fen=table.c.refund_fen + 3_000))
            assert row.id == order_id

    ended = each(real_app, act)

    assert ended["ok"] == 3
    assert all(IntegrityError.__name__ in how for how in ended if how != "ok")


def test_a_refund_and_a_cancellation_at_once_give_everything_back_once(paid, real_app):
    order_id, customer = paid.id, Actor("customer", paid.customer_id)
    shown = cancelling.preview(db.session(), again(paid), "customer").hash
    db.session.rollback()

    def act(number: int) -> None:
        if number % 2:
            cancelling.cancel_order(order_id, shown, actor=customer)
        else:
            refunds.request_refund(order_id, 10_000, reason="少做", actor=SYSTEM)

    ended = each(real_app, act)

    assert ended["ok"] >= 1
    assert sum(refund.amount_fen for refund in db.session.query(Refund)) == 10_000
    assert balances() == {"clearing_wechat": 10_000, "refunds_due": 10_000}
    whole()


def test_many_deciders_decide_once(paid, real_app):
    asker = Actor("staff", add_staff("service").id)
    with transaction(asker) as session:
        row = session.get_one(Order, paid.id)
        (refund,) = deciding.reserve(session, row, 5_000, kind="refund", reason="少做", actor=asker)
        refunds.asking._ask(row, [refund], 1, asker)
    approval = db.session.scalars(sa.select(Approval.id)).one()
    people = [Actor("staff", add_staff("finance").id) for _ in range(THREADS)]

    def act(number: int) -> None:
        approvals.decide(approval, approve=True, actor=people[number])

    ended = each(real_app, act)

    assert ended["ok"] == 1
    assert (again(refund).status, again(paid).due_fen) == ("approved", 5_000)
    whole()
