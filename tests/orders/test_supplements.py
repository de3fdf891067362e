"""Additions at the door, paying afterwards, and being reminded."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import IllegalTransition, InvalidInput, NotFound, RuleViolation
from app.extensions import db
from app.models import AddOn, Notification, OrderLine, Visit
from app.services.orders import add_ons, confirming
from app.services.system import timers
from tests import factories
from tests.money.support import again, balances, count, order, pay, put, serve, wrong


def in_service(company, worker, **more):
    row = order(company, 10_000, **more)
    if more.get("pay_mode") != "after":
        pay(row)
    serve(row, worker)
    visit = db.session.scalars(sa.select(Visit).filter_by(order_id=row.id)).one()
    put(visit, status="in_service")
    put(row, status="in_service")
    return row


def served(row) -> None:
    visit = db.session.scalars(sa.select(Visit).filter_by(order_id=row.id)).one()
    put(visit, status="done")
    put(row, status="pending_confirm")


def propose(row, worker, **more) -> AddOn:
    visit = db.session.scalars(sa.select(Visit).filter_by(order_id=row.id)).one()
    values = {"kind": "time", "name": "加时半小时", "amount_fen": 2_500, "minutes": 30, **more}
    return add_ons.propose(visit.id, worker.id, **values, actor=Actor("worker", worker.id))


def answer(row, add_on, *, agree: bool = True, who: int | None = None) -> AddOn:
    customer = who or row.customer_id
    return add_ons.answer(
        customer, row.id, add_on.id, agree=agree, actor=Actor("customer", customer)
    )


def confirm(row) -> None:
    confirming.confirm_order(row.customer_id, row.id, actor=Actor("customer", row.customer_id))


def test_what_the_customer_agrees_to_is_owed_and_paid_by_an_attempt_of_its_own(company, worker):
    row = in_service(company, worker)

    add_on = answer(row, propose(row, worker))

    fresh = again(row)
    assert (add_on.status, fresh.total_fen, fresh.due_fen, fresh.unpaid_fen) == (
        "approved", 12_500, 12_500, 2_500,
    )  # fmt: skip
    kinds = db.session.scalars(sa.select(OrderLine.kind).order_by(OrderLine.position)).all()
    assert kinds == ["base", "overtime"]
    assert pay(row).amount_fen == 2_500
    served(row)
    confirm(row)
    assert balances() == {
        "clearing_wechat": 12_500, "commission_income": 2_500, "worker_frozen": 10_000,
    }  # fmt: skip
    assert wrong() == {}


def test_refused_it_costs_nothing_and_is_not_answered_again(company, worker):
    row = in_service(company, worker)
    add_on = propose(row, worker)

    answer(row, add_on, agree=False)

    assert again(row).due_fen == 10_000
    with pytest.raises(IllegalTransition):
        answer(row, add_on)


def test_only_at_the_door_and_only_by_those_two(company, worker):
    row = in_service(company, worker)
    add_on = propose(row, worker)
    with pytest.raises(NotFound):
        answer(row, add_on, who=factories.customer().id)
    with pytest.raises(NotFound):
        propose(row, factories.worker(company))
    with pytest.raises(InvalidInput):
        propose(row, worker, amount_fen=-1)
    served(row)
    with pytest.raises(RuleViolation):
        propose(row, worker)
    assert count(AddOn) == 1


def test_confirmed_before_it_was_paid_it_is_owed_and_asked_for_until_a_person_takes_over(
    company, worker, clock
):
    row = in_service(company, worker, pay_mode="after", pay_by_at=None)
    served(row)
    confirm(row)
    assert balances() == {
        "customer_receivables": 10_000, "commission_income": 2_000, "worker_frozen": 8_000,
    }  # fmt: skip

    for _ in range(5):
        clock.travel(timedelta(days=3))
        timers.fire_due()

    told = sa.select(Notification.recipient_kind, sa.func.count()).where(
        Notification.kind.in_(("order.owed", "order.unpaid"))
    )
    by_kind = db.session.execute(told.group_by(Notification.recipient_kind)).all()
    assert dict(by_kind) == {"customer": 4, "staff": 1}
    pay(row)
    assert balances() == {
        "clearing_wechat": 10_000, "commission_income": 2_000, "worker_frozen": 8_000,
    }  # fmt: skip
    assert wrong() == {}


def test_who_has_paid_is_not_reminded(company, worker, clock):
    row = in_service(company, worker, pay_mode="after", pay_by_at=None)
    served(row)
    confirm(row)
    pay(row)
    clock.travel(timedelta(days=3))

    assert timers.fire_due() == 0
