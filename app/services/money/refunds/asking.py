"""Asking for a refund or a compensation, and how many people must agree."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Forbidden, InvalidInput, RuleViolation
from app.domain.money import yuan
from app.domain.states import AddOnStatus, RefundStatus
from app.extensions import db
from app.models import AddOn, Approval, Order, Refund
from app.services import access, audit
from app.services.money.refunds import compensating, deciding
from app.services.money.refunds.compensating import Spread
from app.services.system import approvals, parameters
from app.services.transactions import locked, retrying, transaction

# Who decides: customer service what is within its own limit, finance everything.
SMALL, LARGE, SECOND = "refund_small", "refund", "refund_second"
ASKERS = {"operations", "service", "finance"}
LONGEST_REASON = 200


@retrying
def request_refund(
    order_id: int,
    amount_fen: int,
    *,
    reason: str,
    kind: str = "refund",
    shown: str = "",
    actor: Actor,
) -> list[Refund]:
    """Ask for money back on an order, spread over its payments, the newest first.

    `kind` "refund" makes the order cheaper: what it earned is reversed at its own rate.
    "compensation" is the company's cost: the workers earn what they would without it. It is set
    against what the order owes first; what it is above that and the payments, or above what the
    order still costs, is a goodwill that is paid by hand. `shown`: the hash of how a page said
    that it would be spread.

    Up to a limit a refund is decided at once, above it one other person agrees, from a second
    limit on two do; what was asked for on the order before counts. Raises RuleViolation
    (above_captured, nothing_paid, changed_since_shown), InvalidInput, Forbidden.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InvalidInput(_l("Say why"), code="reason_required", field="reason")
    _check_asker(actor)
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        before = given_before(session, order.id)
        if kind == "compensation":
            parts = _spread(session, order, amount_fen, shown)
            refunds = _take_compensation(session, order, parts, reason.strip(), actor)
        else:
            refunds = _take_refund(session, order, amount_fen, reason.strip(), actor)
        deciding.tell(order, refunds[0], "refund.requested", actor, reason)
        people = people_needed(before + amount_fen, kind)
        if people and actor.kind == "staff":
            _ask(order, refunds, people, actor)
        else:
            _approve_all(session, order, refunds, actor)
        told = {"amount_fen": amount_fen, "kind": kind, "people": people}
        audit.record("refund", "customer_order", order.id, told, actor=actor)
        return refunds


def people_needed(amount_fen: int, kind: str) -> int:
    """How many people besides the one who asks: 0, 1 or 2. A compensation always needs one."""
    if amount_fen >= parameters.get("payment.two_people_refund_fen"):
        return 2
    automatic = parameters.get("payment.automatic_refund_fen")
    return 0 if kind == "refund" and amount_fen <= automatic else 1


def _check_asker(actor: Actor) -> None:
    """Staff who may ask, and the rules of the house themselves."""
    if actor.kind == "system":
        return
    if actor.kind != "staff" or not access.roles_of(actor) & ASKERS:
        raise Forbidden(_l("Your role does not ask for refunds"), code="not_yours")


def _take_refund(
    session: Session, order: Order, amount_fen: int, reason: str, actor: Actor
) -> list[Refund]:
    if order.status in compensating.NOTHING_PAID:
        raise RuleViolation(_l("Nothing was paid for this order"), code="nothing_paid")
    most = compensating.most_back(session, order)
    if not 0 < amount_fen <= most:
        raise RuleViolation(
            _l("At most %(most)s yuan can be given back", most=yuan(most)),
            code="above_captured",
            field="amount_fen",
            most_fen=most,
        )
    return deciding.reserve(session, order, amount_fen, kind="refund", reason=reason, actor=actor)


def _spread(session: Session, order: Order, amount_fen: int, shown: str) -> Spread:
    if amount_fen <= 0:
        raise InvalidInput(_l("Must be above zero"), code="not_positive", field="amount_fen")
    parts = compensating.spread(session, order, amount_fen)
    if shown not in ("", parts.hash):
        raise RuleViolation(
            _l("This has changed since it was shown. Please look at it again"),
            code="changed_since_shown",
            **parts.told(),
        )
    return parts


def _take_compensation(
    session: Session, order: Order, parts: Spread, reason: str, actor: Actor
) -> list[Refund]:
    return deciding.reserve(
        session, order, parts.through_fen, kind="compensation", reason=reason, actor=actor,
        set_off_fen=parts.set_off_fen, goodwill_fen=parts.by_hand_fen,
    )  # fmt: skip


def given_before(session: Session, order_id: int) -> int:
    """What people asked for on the order and nobody rejected, and charges that were dropped: a
    large amount in small parts.
    """
    query = sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_fen), 0)).where(
        Refund.order_id == order_id,
        Refund.kind.not_in(("surplus", "waiver")),  # a charge that is dropped counts below
        Refund.status != RefundStatus.REJECTED.value,
    )
    waived = sa.select(sa.func.coalesce(sa.func.sum(AddOn.amount_fen), 0)).filter_by(
        order_id=order_id, status=AddOnStatus.WAIVED.value
    )
    return int(session.scalar(query) or 0) + int(session.scalar(waived) or 0)


def _ask(order: Order, refunds: Sequence[Refund], people: int, actor: Actor) -> None:
    content = _content(order, refunds, people)
    approvals.ask(
        _kind_of(content), "refund", refunds[0].id, content,
        f"{order.number}: ¥{yuan(content['amount_fen'])}",
        reason=refunds[0].reason, branch_id=order.branch_id, actor=actor,
    )  # fmt: skip


def _kind_of(content: dict[str, Any]) -> str:
    limit = "refund" if content["kind"] == "refund" else "compensation"
    within = content["amount_fen"] <= parameters.get(f"service.{limit}_limit_fen")
    return SMALL if within and content["people"] == 1 else LARGE


def _content(order: Order, refunds: Sequence[Refund], people: int) -> dict[str, Any]:
    """All that is decided; it must still be so when it is."""
    set_off, goodwill = _of_kind(refunds, deciding.SET_OFF), _of_kind(refunds, "goodwill")
    return {
        "order": order.number,
        "number": refunds[0].number,
        "kind": "compensation" if set_off else refunds[0].kind,
        "amount_fen": sum(refund.amount_fen for refund in refunds),
        "payments": [
            [refund.attempt.out_trade_no, refund.amount_fen] for refund in refunds if refund.attempt
        ],
        **({"set_off_fen": set_off} if set_off else {}),
        **({"by_hand_fen": goodwill} if goodwill else {}),
        "reason": refunds[0].reason,
        "people": people,
        "asked_by_id": refunds[0].asked_by_id,
    }


def _of_kind(refunds: Sequence[Refund], kind: str) -> int:
    return sum(refund.amount_fen for refund in refunds if refund.kind == kind)


def _subject(approval: Approval) -> tuple[Order, list[Refund]]:
    """The order, locked, and the refunds of the request that still wait."""
    session = db.session()
    first = session.get_one(Refund, approval.subject_id)
    order = locked(session, Order, first.order_id)
    waiting = deciding.waiting_of(session, order.id)
    return order, [refund for refund in waiting if refund.request_number == first.request_number]


def _refused(approval: Approval, actor: Actor) -> None:
    """Its payments are free again; what the order did not need of them meanwhile goes back."""
    session, (order, refunds) = db.session(), _subject(approval)
    for refund in refunds:
        deciding.reject(session, order, refund, reason=approval.decision_note or "", actor=actor)
    session.flush()
    deciding.refund_surplus(session, order, reason="overpaid", actor=actor)


@approvals.executes(SMALL, refused=_refused)
@approvals.executes(LARGE, refused=_refused)
def _decided(approval: Approval, actor: Actor) -> None:
    """The first person agrees; a large amount then waits for the second."""
    order, refunds = _checked(approval)
    if approval.payload["people"] == 2:  # two people
        approvals.ask(
            SECOND, "refund", approval.subject_id, approval.payload, approval.summary,
            reason=approval.reason, branch_id=approval.branch_id, actor=actor,
        )  # fmt: skip
        return
    _approve_all(db.session(), order, refunds, actor)


@approvals.executes(SECOND, refused=_refused)
def _decided_by_both(approval: Approval, actor: Actor) -> None:
    order, refunds = _checked(approval)
    if actor.id == approval.payload["asked_by_id"]:
        raise Forbidden(_l("Somebody else must decide what you asked for"), code="own_request")
    _approve_all(db.session(), order, refunds, actor)


def _checked(approval: Approval) -> tuple[Order, list[Refund]]:
    order, refunds = _subject(approval)
    present = _content(order, refunds, approval.payload["people"]) if refunds else None
    approvals.check_as_shown(approval.payload, present)
    if _lowering(refunds) > order.due_fen:
        raise RuleViolation(_l("The order costs less than this by now"), code="changed_since_shown")
    _check_debt(order, refunds)
    return order, refunds


def _lowering(refunds: Sequence[Refund]) -> int:
    """How much less the order will cost."""
    return sum(refund.amount_fen for refund in refunds if refund.kind != "goodwill")


def _check_debt(order: Order, refunds: Sequence[Refund]) -> None:
    """What is set off is what would be now: nothing is paid out to somebody who owes it."""
    if refunds[0].kind == "refund":
        return
    whole = sum(refund.amount_fen for refund in refunds)
    now = compensating.spread(db.session(), order, whole, but=refunds[0].request_number)
    if now.set_off_fen != _of_kind(refunds, deciding.SET_OFF):
        raise RuleViolation(
            _l("The order owes another amount by now. Refuse it, and ask again"),
            code="changed_since_shown",
            **now.told(),
        )


def _approve_all(session: Session, order: Order, refunds: Sequence[Refund], actor: Actor) -> None:
    for refund in refunds:
        decide = compensating.set_off if refund.kind == deciding.SET_OFF else deciding.approve
        decide(session, order, refund, actor=actor)
