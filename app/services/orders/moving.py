"""Moving a visit to another time: proposed by one side, agreed by the other.

Old and new time are both claimed until then. Any other end leaves the booking as it was.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.states import MoveStatus, move
from app.extensions import db
from app.models import MoveRequest, Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew
from app.services.orders import move_price, move_rules, new_times, open_moves, rescheduling
from app.services.orders.move_rules import ANYBODY, For, Side
from app.services.roster import claims
from app.services.system import notifications, timers
from app.services.transactions import locked, retrying, transaction


@retrying
def propose(
    order_id: int,
    starts_at: datetime,
    *,
    side: Side,
    reason: str = "",
    same_worker: bool = False,
    difference_fen: int | None = None,
    visit_id: int | None = None,
    whose: For = ANYBODY,
    actor: Actor,
) -> MoveRequest:
    """Ask for another time of the order's next visit, or of `visit_id`, beside the old one.

    What a worker asks for goes to operations first. Before anybody has accepted nobody is asked:
    the move holds at once. So it does when the customer asks for a time at which her worker is
    not free and somebody else is, unless `same_worker`. `difference_fen`: how much more it costs
    then, as she was told.
    Raises NotFound, Conflict (slot_taken, worker_not_free, move_open), RuleViolation (not_movable,
    no_visit, edit_open, move_too_late, moves_used_up, same_time, slot_not_offered, price_differs).
    """
    with transaction(actor) as session:
        order, visit = _locked(session, order_id, whose, visit_id)
        move_rules.check(session, order, visit, side)
        new_times.check_offered(order, visit, starts_at)
        placed = crew.on_visits([visit])
        wanted = new_times.wanted_at(order, visit, starts_at)
        chosen = new_times.lock_crew(order, wanted, prefer=placed, also=placed)
        if same_worker and not set(placed) <= set(chosen):
            raise new_times.not_free("worker_not_free")
        difference = move_price.check_told(order, starts_at, side, difference_fen)
        row = _new(order, visit, starts_at, side, reason, actor)
        move_price.keep(order, row, difference)
        session.add(row)
        session.flush()
        for worker_id in chosen:
            claims.claim(worker_id, wanted, "visit")
        told = {"move": row.id, "to": open_moves.as_told(starts_at), "side": side}
        audit.record("move", "customer_order", order.id, told, actor=actor)
        nobody = not set(placed) & set(chosen)
        if visit in crew.lacking(order) or (side == "customer" and nobody):
            rescheduling.carry_out(order, visit, row, chosen, note="", actor=actor)
        else:
            _ask(order, row, actor)
        return row


@retrying
def review(move_id: int, *, approve: bool, note: str = "", actor: Actor) -> MoveRequest:
    """Operations look at what a worker asks for: the customer is asked, or it is declined."""
    with transaction(actor) as session:
        order, _visit, row = _open(session, move_id, ANYBODY)
        if row.status != MoveStatus.OPS_REVIEW:
            raise RuleViolation(_l("This does not wait for operations"), code="not_in_review")
        if approve:
            _ask_other_side(order, row, note, actor)
            open_moves.tell_worker(order, row, "move.passed_on", actor)
            open_moves.trace("move_review", order, row, actor)
        else:
            open_moves.end(order, row, MoveStatus.DECLINED, reason=note, actor=actor)
        return row


@retrying
def answer(
    move_id: int,
    *,
    agree: bool,
    note: str = "",
    whose: For = ANYBODY,
    actor: Actor,
) -> MoveRequest:
    """The other side agrees to the new time or keeps the old one; staff may say so for it.

    Raises NotFound, Conflict (move_over), RuleViolation (not_yours_to_answer, not_movable).
    """
    with transaction(actor) as session:
        order, visit, row = _open(session, move_id, whose)
        move_rules.check_answerer(order, row, whose)
        if agree:
            move_rules.check_status(order, visit)
            coming = rescheduling.lock_coming(order, visit, row)
            rescheduling.carry_out(order, visit, row, coming, note=note, actor=actor)
        else:
            open_moves.end(order, row, MoveStatus.DECLINED, reason=note, actor=actor)
        return row


@retrying
def withdraw(
    move_id: int,
    *,
    note: str = "",
    whose: For = ANYBODY,
    actor: Actor,
) -> MoveRequest:
    """Who has asked asks no more. Raises NotFound, Conflict, RuleViolation (not_yours)."""
    with transaction(actor) as session:
        order, _visit, row = _open(session, move_id, whose)
        if move_rules.side_of(whose) not in (row.asked_by, "staff"):
            raise RuleViolation(_l("Somebody else has asked for this"), code="not_yours")
        open_moves.end(order, row, MoveStatus.WITHDRAWN, reason=note, actor=actor)
        return row


@timers.handles(open_moves.TIMER)
def expire(move_id: int) -> None:
    """Nobody answered in time. Runs in the transaction that fires the timer."""
    session = db.session()
    found = session.get(MoveRequest, move_id)
    if found is None:
        return
    order = locked(session, Order, found.order_id)
    row = locked(session, MoveRequest, move_id)
    if row.status in open_moves.OPEN and row.answer_by <= clock.now():
        open_moves.end(order, row, MoveStatus.EXPIRED, actor=SYSTEM)


def _locked(
    session: Session, order_id: int, whose: For, visit_id: int | None
) -> tuple[Order, Visit]:
    """The order and its next visit, or the one that is meant, for whom it concerns."""
    order = locked(session, Order, order_id)
    mine = whose.customer_id in (None, order.customer_id) and (
        whose.worker_id is None or whose.worker_id in crew.members(order.id)
    )
    if not mine:
        raise NotFound(_l("This order does not exist"), order_id=order_id)
    visit = new_times.next_visit(order, visit_id)
    # The colleague who comes to another visit has no say in this one.
    if whose.worker_id is not None and whose.worker_id not in crew.on_visits([visit]):
        raise NotFound(_l("This order does not exist"), order_id=order_id)
    return order, visit


def _open(session: Session, move_id: int, whose: For) -> tuple[Order, Visit, MoveRequest]:
    found = session.get(MoveRequest, move_id)
    if found is None:
        raise NotFound(_l("This change of time does not exist"), move_id=move_id)
    order, visit = _locked(session, found.order_id, whose, found.visit_id)
    row = locked(session, MoveRequest, move_id)
    if row.status not in open_moves.OPEN or row.answer_by <= clock.now():
        raise Conflict(_l("This was already answered"), code="move_over", status=row.status)
    return order, visit, row


def _new(
    order: Order, visit: Visit, starts_at: datetime, side: Side, reason: str, actor: Actor
) -> MoveRequest:
    return MoveRequest(
        order_id=order.id,
        visit_id=visit.id,
        asked_by=side,
        asked_by_id=actor.id if actor.kind == side else None,
        old_start=visit.planned_start,
        new_start=starts_at,
        new_end=starts_at + (visit.planned_end - visit.planned_start),
        reason=reason[:200],
        answer_by=move_rules.answer_by(visit.planned_start, starts_at),
    )


def _ask(order: Order, row: MoveRequest, actor: Actor) -> None:
    """Who is asked next: operations about what a worker asks for, else the other side."""
    if row.asked_by != "worker":
        _ask_other_side(order, row, row.reason, actor)
        if row.asked_by == "customer":
            open_moves.tell_worker(order, row, "move.proposed", actor)
        return
    move(row, MoveStatus.OPS_REVIEW)
    timers.set_timer(open_moves.TIMER, row.id, row.answer_by)
    open_moves.record(order, row, "move.asked", reason=row.reason, actor=actor)
    notifications.notify_staff("move.review", order_id=order.id, move_id=row.id)


def _ask_other_side(order: Order, row: MoveRequest, note: str, actor: Actor) -> None:
    move(row, MoveStatus.AWAIT_OTHER_SIDE)
    row.answer_by = move_rules.answer_by(row.old_start, row.new_start)
    timers.set_timer(open_moves.TIMER, row.id, row.answer_by)
    open_moves.record(order, row, "move.proposed", reason=note, actor=actor)
    if row.asked_by != "customer":
        open_moves.tell_customer(order, row, "move.proposed", actor)
