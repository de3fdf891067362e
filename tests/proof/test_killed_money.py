"""Giving money back, cancelling and changing orders: done once, wherever the process dies."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import Approval, Cancellation, Refund, WorkerBusy
from app.services.money import refunds
from app.services.orders import cancelling, editing
from app.services.system import approvals, outbox, parameters
from tests import factories
from tests.kit.clients import add_staff
from tests.money import support
from tests.proof.test_killed_processes import (
    COMPANY,
    Verb,
    World,
    again,
    finish_refunds,
    kill_everywhere,
    offered,
    order_of,
    rows,
    told,
    waiting,
    world,
)

pytestmark = pytest.mark.proof
__all__ = ["world"]


def customer_of(order_id: int) -> Actor:
    return Actor("customer", order_of(order_id).customer_id)


def ask_refund(order_id: int) -> None:
    """Idempotent by its key, like the client's request: asked once for an order."""
    if not rows(Refund, order_id=order_id):
        refunds.request_refund(order_id, 5_000, reason="少做", actor=SYSTEM)


def cancel(order_id: int) -> None:
    shown = cancelling.preview(db.session(), order_of(order_id), "customer").hash
    db.session.rollback()
    cancelling.cancel_order(order_id, shown, actor=customer_of(order_id))


def edit(order_id: int) -> None:
    who = customer_of(order_id)
    if told(order_id, "edited"):
        return
    asked = factories.quote(COMPANY[0], COMPANY[0].aircon)
    number, shown = asked.number, asked.hash
    editing.edit_order(who.id or 0, order_id, number, shown, actor=who)


def awaiting_decision(world: World) -> int:
    """A refund above the limit waits for its second person."""
    order_id = waiting(world)
    outbox.deliver_due()
    parameters.set_parameter("payment.automatic_refund_fen", 0, actor=SYSTEM)
    refunds.request_refund(
        order_id, 5_000, reason="少做", actor=Actor("staff", add_staff("service").id)
    )
    parameters.set_parameter("payment.automatic_refund_fen", 20_000, actor=SYSTEM)
    return order_id


def approve(order_id: int) -> None:
    refund = sa.select(Refund.id).filter_by(order_id=order_id)
    asked = sa.select(Approval.id).where(
        Approval.subject_kind == "refund", Approval.subject_id == refund.scalar_subquery()
    )
    approvals.decide(db.session.scalars(asked).one(), approve=True, actor=DECIDER[0])


DECIDER: list[Actor] = []


def given_back_once(order_id: int) -> None:
    order = order_of(order_id)
    refund = db.session.scalars(sa.select(Refund).filter_by(order_id=order_id)).one()
    db.session.refresh(refund)
    assert (refund.status, refund.amount_fen, order.refunded_fen) == ("succeeded", 5_000, 5_000)
    assert order.due_fen == order.total_fen - 5_000
    assert told(order_id, "refund.approved") == 1


def cancelled_once(order_id: int) -> None:
    order = order_of(order_id)
    assert (order.status, order.due_fen, told(order_id, "cancelled")) == ("cancelled", 0, 1)
    assert rows(Cancellation, order_id=order_id) == 1
    assert rows(WorkerBusy, owner=order.owner) == 0
    assert order.refunded_fen == order.captured_fen > 0


def edited_once(order_id: int) -> None:
    order = order_of(order_id)
    assert (order.due_fen, told(order_id, "edited")) == (12_000, 1)
    assert order.captured_fen - order.refunded_fen == 12_000
    assert rows(WorkerBusy, owner=order.owner) == 1


def repeat_and_finish(call: Callable[[int], object]) -> Callable[[int], object]:
    def go_on(order_id: int) -> None:
        again(call)(order_id)
        db.session.rollback()
        finish_refunds(order_id)

    return go_on


VERBS = {
    "ask for a refund": Verb(
        waiting, ask_refund, given_back_once, go_on=repeat_and_finish(ask_refund), tidy=cancel
    ),
    "approve a refund": Verb(
        awaiting_decision, approve, given_back_once, go_on=repeat_and_finish(approve), tidy=cancel
    ),
    "cancel": Verb(offered, cancel, cancelled_once, go_on=repeat_and_finish(cancel)),
    "edit": Verb(waiting, edit, edited_once, go_on=repeat_and_finish(edit), tidy=cancel),
}


@pytest.mark.parametrize("name", VERBS)
def test_wherever_the_process_dies_it_is_done_once(world, name, capsys):
    DECIDER[:] = [support.staff()]
    kill_everywhere(world, name, VERBS[name], capsys)
