"""The checks find time that nobody owns, and visits that nobody holds time for."""

import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.models import WorkerBusy
from app.services.dispatch import dispatching
from app.services.system.checks import CHECKS
from app.services.transactions import transaction
from tests import factories


def found(name):
    finding = CHECKS[name](db.session())
    return finding.ok, finding.figures, finding.failures


def test_holds_orders_and_leave_own_their_time(company):
    factories.change(company.cleaning, pay_mode="after")
    worker = factories.worker(company)
    order = factories.order(company)
    dispatching.force_assign(order.id, worker.id, reason="x", actor=Actor("staff", 1))
    factories.hold(company, factories.tomorrow(14))

    assert found("claims_have_owners") == (
        True, {"hold_claims": 1, "visit_claims": 1, "leave_claims": 0, "blocked_claims": 0,
               "wrong": 0}, [],
    )  # fmt: skip
    assert found("promised_visits_are_claimed") == (True, {"places": 1, "wrong": 0}, [])


def test_a_claim_without_owner_is_named(company):
    factories.worker(company)
    held = factories.hold(company)
    with transaction() as session:
        session.execute(sa.text("UPDATE slot_hold SET status = 'released'"))

    ok, figures, failures = found("claims_have_owners")

    assert (ok, figures["wrong"], failures) == (False, 1, [f"hold:{held.id}"])


def test_an_accepted_order_whose_time_is_free_is_named(company):
    factories.change(company.cleaning, pay_mode="after")
    worker = factories.worker(company)
    order = factories.order(company)
    dispatching.force_assign(order.id, worker.id, reason="x", actor=Actor("staff", 1))
    with transaction() as session:
        session.execute(sa.delete(WorkerBusy))

    ok, _figures, failures = found("promised_visits_are_claimed")

    assert (ok, failures) == (False, [order.id])
