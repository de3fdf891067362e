"""What no channel makes: finance settles a failed refund or a goodwill by hand, by two people."""

from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.domain.ledger import CLEARING, REFUNDS_DUE, Line
from app.domain.states import RefundStatus, move
from app.extensions import db
from app.models import Refund
from app.models.payments import CHANNELS
from app.services import clock
from app.services.money.refunds import deciding, sending
from app.services.transactions import retrying, transaction


def settle_otherwise(refund_id: int, way: str, *, reason: str, actor: Actor) -> Refund:
    """Take a failed refund or a decided goodwill over, to be paid by hand. The channel of a refund
    is asked once more before.

    Somebody else confirms it when the money has gone. Raises Conflict when the channel paid or
    is about to, OutcomeUnknown when it does not say, InvalidInput.
    """
    if way not in CHANNELS:
        raise InvalidInput(_l("Choose a way"), code="way_unknown", field="way")
    if not reason.strip():
        raise InvalidInput(_l("Say why"), code="reason_required", field="reason")
    if not _without_payment(refund_id):
        sending.ask_channel(refund_id)
    return _take_over(refund_id, way, reason.strip(), actor)


@retrying
def _take_over(refund_id: int, way: str, reason: str, actor: Actor) -> Refund:
    staff_id = _staff(actor)
    with transaction(actor) as session:
        order, refund = sending.locked_refund(session, refund_id)
        if not is_by_hand(refund):
            raise Conflict(
                _l("This refund has not failed"), code="not_failed", status=refund.status
            )
        move(refund, RefundStatus.MANUAL)
        refund.way, refund.way_reason, refund.taken_by_id = way, reason[:200], staff_id
        deciding.tell(order, refund, "refund.manual", actor, reason)
        return refund


@retrying
def confirm_settled(refund_id: int, *, reference: str, actor: Actor) -> Refund:
    """The money has gone the other way; `reference` proves it (the bank's number, say).

    Raises Forbidden for whoever took it over, Conflict when it does not wait for this.
    """
    staff_id = _staff(actor)
    if not reference.strip():
        raise InvalidInput(_l("Name the proof"), code="reference_missing", field="reference")
    with transaction(actor) as session:
        order, refund = sending.locked_refund(session, refund_id)
        if refund.status != RefundStatus.MANUAL:
            raise Conflict(_l("This refund is not settled by hand"), status=refund.status)
        if refund.taken_by_id == staff_id:
            raise Forbidden(_l("Somebody else must confirm what you paid"), code="same_person")
        move(refund, RefundStatus.SUCCEEDED)
        refund.succeeded_at, refund.confirmed_by_id = clock.now(), staff_id
        refund.way_reference = reference.strip()[:64]
        if refund.attempt_id is not None:
            deciding.arrived(order, refund)
        deciding.tell(order, refund, "refund.succeeded", actor)
        lines = [
            Line(REFUNDS_DUE, refund.amount_fen),
            Line(CLEARING[refund.way], -refund.amount_fen),
        ]
        deciding.book(refund, "refund" if refund.attempt_id else "goodwill", lines, actor)
        return refund


def is_by_hand(refund: Refund) -> bool:
    """It waits for somebody who pays it in another way."""
    waits = RefundStatus.APPROVED if refund.attempt_id is None else RefundStatus.FAILED
    return bool(refund.status == waits)


def _without_payment(refund_id: int) -> bool:
    """A goodwill: no channel knows of it. Raises NotFound."""
    found = db.session.get(Refund, refund_id)
    if found is None:
        raise NotFound(_l("There is no such refund"), code="refund_unknown")
    return found.attempt_id is None


def _staff(actor: Actor) -> int:
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_l("Only staff can do this"))
    return actor.id
