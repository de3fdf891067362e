"""A charge that is disputed is dropped, by as many people as a refund needs."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import DomainError, Forbidden, RuleViolation
from app.extensions import db
from app.models import Approval, Complaint, Notification, OrderEvent
from app.services.orders import add_ons, waiving
from app.services.quality import complaints, disputing
from app.services.system import approvals, timers
from tests.kit import clients
from tests.money.support import again, balances, put, wrong
from tests.orders.test_supplements import answer, confirm, in_service, propose, served


def acting(role):
    return Actor("staff", clients.add_staff(role).id)


@pytest.fixture
def service(app):
    return acting("service")


def disputed(company, worker, amount_fen=2_500):
    """In service, with an addition that the customer agreed to and refuses to pay."""
    row = in_service(company, worker)
    add_on = answer(row, propose(row, worker, amount_fen=amount_fen))
    refuse_to_pay(row, add_on)
    return row, add_on


def refuse_to_pay(row, add_on):
    key = row.customer_id
    add_ons.refuse_to_pay(key, row.id, add_on.id, text="没有做", actor=Actor("customer", key))


def decide(actor, *, approve=True):
    asked = db.session.scalars(sa.select(Approval.id).filter_by(status="asked")).one()
    approvals.decide(asked, approve=approve, note="看过", actor=actor)


def test_a_small_charge_is_dropped_at_once_and_the_order_ends(company, worker, service, clock):
    row, add_on = disputed(company, worker)

    waiving.waive(add_on.id, reason="师傅没有做", actor=service)

    fresh = again(row)
    assert (again(add_on).status, fresh.due_fen, fresh.unpaid_fen) == ("waived", 10_000, 0)
    event = db.session.scalars(sa.select(OrderEvent).filter_by(kind="add_on.waived")).one()
    assert (event.reason, event.data["amount_fen"]) == ("师傅没有做", 2_500)
    told = sa.select(Notification.recipient_kind).filter_by(kind="add_on.waived")
    assert sorted(db.session.scalars(told)) == ["customer", "worker"]
    served(row)
    case = db.session.scalars(sa.select(Complaint)).one()
    put(case, status="proposed")
    complaints.resolve(case.id, "已免收", cause_id=None, actor=service)
    clock.travel(timedelta(hours=again(row).rules["visit.confirm_hours"], minutes=1))
    timers.fire_due()
    assert (again(row).status, balances()) == (
        "completed",
        {"clearing_wechat": 10_000, "commission_income": 2_000, "worker_frozen": 8_000},
    )
    assert wrong() == {}


def test_above_the_limit_others_decide_and_a_refusal_leaves_the_charge(company, worker, service):
    row, add_on = disputed(company, worker, 30_000)

    waiving.waive(add_on.id, reason="说好送的", actor=service)
    assert (again(add_on).status, again(row).due_fen) == ("approved", 40_000)
    with pytest.raises(Forbidden):
        decide(acting("service"))
    decide(acting("operations"), approve=False)
    assert (again(add_on).status, again(row).due_fen) == ("approved", 40_000)

    waiving.waive(add_on.id, reason="说好送的", actor=service)
    decide(acting("finance"))
    assert (again(add_on).status, again(row).due_fen) == ("waived", 10_000)


def test_a_large_charge_needs_two_and_never_who_asked(company, worker):
    asker = acting("finance")
    row, add_on = disputed(company, worker, 100_000)

    waiving.waive(add_on.id, reason="说好送的", actor=asker)
    decide(acting("operations"))
    assert again(add_on).status == "approved"
    with pytest.raises(Forbidden):
        decide(asker)
    put(row, captured_fen=20_000)  # she has paid a part meanwhile
    with pytest.raises(RuleViolation) as refused:
        decide(acting("finance"))
    assert refused.value.code == "changed_since_shown"
    put(row, captured_fen=10_000)
    decide(acting("finance"))

    assert (again(add_on).status, again(row).due_fen) == ("waived", 10_000)


def test_a_large_charge_in_small_parts_is_a_large_one(company, worker, service):
    row, first = disputed(company, worker, 15_000)
    second = answer(row, propose(row, worker, kind="other", minutes=0, amount_fen=15_000))

    waiving.waive(first.id, reason="没有做", actor=service)
    waiving.waive(second.id, reason="没有做", actor=service)

    assert (again(first).status, again(second).status) == ("waived", "approved")


def test_only_what_is_disputed_and_not_paid(company, worker, service):
    row = in_service(company, worker)
    add_on = answer(row, propose(row, worker))

    def refused(actor=service) -> str:
        with pytest.raises(DomainError) as refusal:
            waiving.waive(add_on.id, reason="没有做", actor=actor)
        return refusal.value.code

    assert refused() == "not_disputed"
    refuse_to_pay(row, add_on)
    assert refused(acting("dispatcher")) == "not_yours"
    put(row, captured_fen=12_500)
    assert refused() == "nothing_to_pay"
    put(row, captured_fen=10_000)
    put(row, status="cancelled")
    assert refused() == "order_over"


@pytest.fixture
def finished(company, worker):
    """Confirmed by the clock with an addition that she has not paid, and disputes only now."""
    row = in_service(company, worker)
    add_on = answer(row, propose(row, worker))
    served(row)
    confirm(row)
    key = row.customer_id
    disputing.dispute(key, row.id, text="没有做", actor=Actor("customer", key))
    return row, add_on


def test_of_finished_work_what_the_charge_has_earned_is_taken_back(finished, service):
    row, add_on = finished
    assert balances()["customer_receivables"] == 2_500
    assert waiving.can_be_waived(again(add_on))

    waiving.waive(add_on.id, reason="师傅没有做", actor=service)

    fresh = again(row)
    assert (again(add_on).status, fresh.status) == ("waived", "completed")
    assert (fresh.due_fen, fresh.unpaid_fen, fresh.refunded_fen) == (10_000, 0, 0)
    assert balances() == {
        "clearing_wechat": 10_000, "commission_income": 2_000, "worker_frozen": 8_000,
    }  # fmt: skip
    assert wrong() == {}


def test_of_finished_work_it_needs_the_same_people(company, worker, service):
    row = in_service(company, worker)
    add_on = answer(row, propose(row, worker, amount_fen=30_000))
    served(row)
    confirm(row)
    refuse_to_pay(row, add_on)

    waiving.waive(add_on.id, reason="说好送的", actor=service)
    assert (again(add_on).status, again(row).due_fen) == ("approved", 40_000)
    decide(acting("finance"))

    assert (again(add_on).status, again(row).due_fen, wrong()) == ("waived", 10_000, {})
