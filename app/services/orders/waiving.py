"""The charge of an addition is dropped while the customer disputes it: she owes it no more.

It is money given away: as many people agree as to a refund of that amount.
"""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Forbidden, InvalidInput, NotFound, RuleViolation
from app.domain.money import yuan
from app.domain.states import AddOnStatus, OrderStatus, move
from app.extensions import db
from app.models import AddOn, Approval, Order, Visit
from app.services import access, audit
from app.services.money import refunds, sums
from app.services.money.refunds import asking, dropping
from app.services.orders import events
from app.services.system import approvals, notifications
from app.services.transactions import locked, retrying, transaction

ONE, SECOND = "waiver", "waiver_second"
# What they cost is a fee: a compensation is given then.
OVER = (OrderStatus.CANCELLED, OrderStatus.NO_SHOW, OrderStatus.CLOSED)


@retrying
def waive(add_on_id: int, *, reason: str, actor: Actor) -> AddOn:
    """Drop what of the addition is not paid, or ask those who decide; then it is still agreed.

    Raises NotFound, Forbidden, InvalidInput (reason_required), RuleViolation (not_disputed,
    order_over, nothing_to_pay), Conflict (already_asked).
    """
    if not reason.strip() or len(reason) > asking.LONGEST_REASON:
        raise InvalidInput(_l("Say why"), code="reason_required", field="reason")
    if actor.kind != "staff" or not access.roles_of(actor) & asking.ASKERS:
        raise Forbidden(_l("Your role does not ask for refunds"), code="not_yours")
    with transaction(actor) as session:
        order, add_on = _locked(session, add_on_id)
        content = _content(session, order, add_on, reason.strip(), actor.id)
        if content["people"]:
            _ask(ONE, add_on.id, content, order.branch_id, actor)
        else:
            _drop(session, order, add_on, content, actor)
        told = {key: content[key] for key in ("add_on", "amount_fen", "people")}
        audit.record("waive_add_on", "customer_order", order.id, told, actor=actor)
        return add_on


def can_be_waived(add_on: AddOn) -> bool:
    """Whether it makes sense to offer it; `waive` decides."""
    order = add_on.order
    agreed = add_on.status == AddOnStatus.APPROVED and order.disputed_at is not None
    fits = agreed and order.status not in OVER and _unpaid(add_on, order) > 0
    return fits and approvals.waiting_for("add_on", add_on.id) is None


def _locked(session: Session, add_on_id: int) -> tuple[Order, AddOn]:
    found = session.get(AddOn, add_on_id)
    if found is None:
        raise NotFound(_l("This add-on does not exist"), add_on_id=add_on_id)
    order = locked(session, Order, found.order_id)
    return order, locked(session, AddOn, add_on_id)


def _content(
    session: Session, order: Order, add_on: AddOn, reason: str, asked_by_id: int | None
) -> dict[str, Any]:
    """All that is decided; it must still be so when it is. Raises RuleViolation."""
    if add_on.status != AddOnStatus.APPROVED or order.disputed_at is None:
        raise RuleViolation(_l("The customer does not dispute this charge"), code="not_disputed")
    if order.status in OVER:
        raise RuleViolation(
            _l("This order is over. Give a compensation instead"), code="order_over",
            status=order.status,
        )  # fmt: skip
    amount = _unpaid(add_on, order)
    if amount <= 0:
        raise RuleViolation(_l("There is nothing to pay on this order"), code="nothing_to_pay")
    before = asking.given_before(session, order.id)
    return {
        "order": order.number,
        "add_on": add_on.name,
        "amount_fen": amount,
        "reason": reason,
        "people": asking.people_needed(before + amount, "refund"),
        "asked_by_id": asked_by_id,
    }


def _unpaid(add_on: AddOn, order: Order) -> int:
    return min(add_on.amount_fen, order.unpaid_fen - order.supplement_fen)


def _ask(
    kind: str, add_on_id: int, content: dict[str, Any], branch_id: int | None, actor: Actor
) -> None:
    summary = f"{content['order']}: ¥{yuan(content['amount_fen'])} {content['add_on']}"
    approvals.ask(
        kind, "add_on", add_on_id, content, summary,
        reason=content["reason"], branch_id=branch_id, actor=actor,
    )  # fmt: skip


def _refused(approval: Approval, actor: Actor) -> None:
    order, add_on = _locked(db.session(), approval.subject_id)
    told = {"add_on": add_on.id, "name": add_on.name, "amount_fen": approval.payload["amount_fen"]}
    events.record(order, "add_on.kept", actor=actor, reason=approval.decision_note or "", **told)


@approvals.executes(ONE, refused=_refused)
def _decided(approval: Approval, actor: Actor) -> None:
    """The first person agrees; a large amount then waits for the second."""
    order, add_on = _checked(approval)
    if approval.payload["people"] == 2:  # two people
        _ask(SECOND, add_on.id, approval.payload, approval.branch_id, actor)
        return
    _drop(db.session(), order, add_on, approval.payload, actor)


@approvals.executes(SECOND, refused=_refused)
def _decided_by_both(approval: Approval, actor: Actor) -> None:
    order, add_on = _checked(approval)
    if actor.id == approval.payload["asked_by_id"]:
        raise Forbidden(_l("Somebody else must decide what you asked for"), code="own_request")
    _drop(db.session(), order, add_on, approval.payload, actor)


def _checked(approval: Approval) -> tuple[Order, AddOn]:
    session, shown = db.session(), approval.payload
    order, add_on = _locked(session, approval.subject_id)
    present = _content(session, order, add_on, shown["reason"], shown["asked_by_id"])
    approvals.check_as_shown(shown, present)
    return order, add_on


def _drop(
    session: Session, order: Order, add_on: AddOn, content: dict[str, Any], actor: Actor
) -> None:
    """So much less is due; of finished work the company and the worker earn so much less."""
    amount = content["amount_fen"]
    move(add_on, AddOnStatus.WAIVED)
    visit = locked(session, Visit, add_on.visit_id)
    if visit.charged_fen is not None:
        visit.charged_fen = max(visit.charged_fen - amount, 0)
    if order.status == OrderStatus.COMPLETED:
        dropping.drop_owed(session, order, amount, reason=content["reason"], actor=actor)
    else:
        _lower(session, order, amount, actor)
    told = {"add_on": add_on.id, "name": add_on.name, "amount_fen": amount}
    events.record(order, "add_on.waived", actor=actor, reason=content["reason"], **told)
    refunds.refund_surplus(session, order, reason="cheaper", actor=actor)
    told = {"order_id": order.id, "name": add_on.name, "amount_fen": amount}
    notifications.notify("customer", order.customer_id, "add_on.waived", **told)
    notifications.notify("worker", add_on.worker_id, "add_on.waived", **told)


def _lower(session: Session, order: Order, amount_fen: int, actor: Actor) -> None:
    """Nothing is earned yet. What the company bears of the price it bears of what is left."""
    price = order.due_fen + sums.compensated_of(session, order.id) - amount_fen
    borne = refunds.fold_compensation(session, order, price, actor=actor)
    order.due_fen = price - borne
    session.flush()
