"""Complaints: a named handler, a clock that stands still while the customer is asked, a result.

`answer_by` is when the customer must have heard from somebody, `solve_by` when it must be
resolved; both come from the parameters by severity and are kept in the row. Each verb writes a
ComplaintEvent beside the change.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput, RuleViolation
from app.domain.states import ComplaintStatus, move
from app.extensions import db
from app.models import Cause, Complaint, ComplaintEvent, CustomerAccount, Order
from app.services import access, clock
from app.services.numbers import new_number
from app.services.orders import disputes
from app.services.system import notifications, parameters
from app.services.transactions import locked, retrying, transaction

FINISHED = {ComplaintStatus.RESOLVED, ComplaintStatus.CLOSED}


@retrying
def create(
    customer_id: int,
    *,
    category: str,
    severity: str,
    text: str,
    source: str = "staff",
    order_id: int | None = None,
    worker_id: int | None = None,
    actor: Actor,
) -> Complaint:
    """Write a complaint down; the clock starts. With an order, its branch and worker are taken.

    Raises InvalidInput when the order is another customer's.
    """
    with transaction(actor) as session:
        customer = session.get_one(CustomerAccount, customer_id)
        order = session.get(Order, order_id) if order_id else None
        if order is not None and order.customer_id != customer_id:
            raise InvalidInput(_l("This order is another customer's"), field="order")
        complaint = Complaint(
            number=new_number("C"),
            branch_id=order.branch_id if order else customer.branch_id,
            customer_id=customer_id,
            order_id=order_id,
            worker_id=worker_id or (order.lead_worker_id if order else None),
            category=category,
            severity=severity,
            source=source,
            text=text,
        )
        _start_clock(complaint)
        session.add(complaint)
        session.flush()
        _tell(complaint, "created", text, actor=actor, to_status=complaint.status)
        return complaint


@retrying
def assign(complaint_id: int, handler_id: int, *, note: str = "", actor: Actor) -> Complaint:
    """Name who handles it: one at first, or another one while it is looked into."""
    with transaction(actor) as session:
        complaint = _open(complaint_id)
        handler = session.get(User, handler_id)
        if handler is None or not handler.is_active or not _reaches(handler_id, complaint):
            raise InvalidInput(_l("This person cannot handle it"), field="handler")
        complaint.handler_id = handler_id
        if complaint.status == ComplaintStatus.ASSIGNED:
            _tell(complaint, "assigned", note, actor=actor, handler_id=handler_id)
        else:
            named = ComplaintStatus.ASSIGNED
            _move(complaint, named, "assigned", note, actor, handler_id=handler_id)
        return complaint


@retrying
def investigate(complaint_id: int, note: str, *, actor: Actor) -> Complaint:
    """The handler looks into it; the customer hears of it, which answers him."""
    with transaction(actor):
        complaint = _open(complaint_id)
        _answered(complaint)
        _move(complaint, ComplaintStatus.INVESTIGATING, "investigated", note, actor)
        _notify(complaint, "complaint.investigated")
        return complaint


@retrying
def ask_customer(complaint_id: int, question: str, *, actor: Actor) -> Complaint:
    """Ask the customer something. The clock stands still until he has answered."""
    with transaction(actor):
        complaint = _open(complaint_id)
        complaint.paused_at = clock.now()
        waiting = ComplaintStatus.WAITING_FOR_CUSTOMER
        _move(complaint, waiting, "customer_asked", question, actor, shown=True)
        _notify(complaint, "complaint.question", text=question)
        return complaint


@retrying
def customer_answered(complaint_id: int, answer: str, *, actor: Actor) -> Complaint:
    """The answer, by the customer himself or written down by staff; the clock goes on."""
    with transaction(actor):
        complaint = _open(complaint_id)
        _resume(complaint)
        looking = ComplaintStatus.INVESTIGATING
        _move(complaint, looking, "customer_answered", answer, actor, shown=True)
        return complaint


@retrying
def propose(complaint_id: int, proposal: str, *, actor: Actor) -> Complaint:
    """Offer the customer a solution."""
    with transaction(actor):
        complaint = _open(complaint_id)
        complaint.proposal = proposal
        _answered(complaint)
        _move(complaint, ComplaintStatus.PROPOSED, "proposed", proposal, actor, shown=True)
        _notify(complaint, "complaint.proposed", text=proposal)
        return complaint


@retrying
def decline_proposal(complaint_id: int, reason: str, *, actor: Actor) -> Complaint:
    """The customer does not agree: it is looked into again."""
    with transaction(actor):
        complaint = _open(complaint_id)
        looking = ComplaintStatus.INVESTIGATING
        _move(complaint, looking, "proposal_declined", reason, actor, shown=True)
        return complaint


@retrying
def resolve(complaint_id: int, result: str, *, cause_id: int | None, actor: Actor) -> Complaint:
    """The customer agrees; the result and the cause are kept. The clock ends."""
    with transaction(actor) as session:
        complaint = _open(complaint_id)
        if cause_id is not None and session.get(Cause, cause_id) is None:
            raise InvalidInput(_l("This cause does not exist"), field="cause")
        complaint.result, complaint.cause_id = result, cause_id
        complaint.resolved_at = clock.now()
        _move(complaint, ComplaintStatus.RESOLVED, "resolved", result, actor, shown=True)
        _end_dispute(complaint, actor)
        _notify(complaint, "complaint.resolved", text=result)
        return complaint


@retrying
def close(complaint_id: int, *, actor: Actor) -> Complaint:
    """File it. It can be opened again for some days."""
    with transaction(actor):
        complaint = _open(complaint_id)
        complaint.closed_at = clock.now()
        _move(complaint, ComplaintStatus.CLOSED, "closed", "", actor)
        return complaint


@retrying
def reopen(complaint_id: int, reason: str, *, actor: Actor) -> Complaint:
    """Look into it again, with a new time to solve it.

    Raises RuleViolation when it was closed longer ago than `complaint.reopen_days`.
    """
    with transaction(actor):
        complaint = _open(complaint_id)
        if complaint.status not in FINISHED:
            raise RuleViolation(_l("This complaint is still open"), code="still_open")
        ended_at = complaint.closed_at or complaint.resolved_at
        days = parameters.get("complaint.reopen_days")
        if ended_at is None or clock.now() > ended_at + timedelta(days=days):
            raise RuleViolation(_l("The time to open it again is over"), code="reopen_too_late")
        complaint.resolved_at = complaint.closed_at = None
        complaint.reopened += 1
        complaint.paused_seconds = 0
        complaint.solve_by = clock.now() + _hours("complaint.solve_hours", complaint.severity)
        looking = ComplaintStatus.INVESTIGATING
        _move(complaint, looking, "reopened", reason, actor, shown=True)
        return complaint


@retrying
def add_note(complaint_id: int, text: str, *, actor: Actor) -> Complaint:
    """Something that colleagues should know. The customer does not see it."""
    with transaction(actor):
        complaint = _open(complaint_id)
        _tell(complaint, "note", text, actor=actor)
        return complaint


def _open(complaint_id: int) -> Complaint:
    return locked(db.session(), Complaint, complaint_id)


def _end_dispute(complaint: Complaint, actor: Actor) -> None:
    """Nothing of the order is held any more, unless another complaint about it is open."""
    if complaint.order_id is None:
        return
    session = db.session()
    others = sa.select(Complaint.id).where(
        Complaint.order_id == complaint.order_id, Complaint.id != complaint.id,
        Complaint.status.not_in([status.value for status in FINISHED]),
    )  # fmt: skip
    if session.scalar(others.limit(1)) is None:
        disputes.release(locked(session, Order, complaint.order_id), actor=actor)


def _start_clock(complaint: Complaint) -> None:
    begin = clock.now()
    complaint.answer_by = begin + _hours("complaint.answer_hours", complaint.severity)
    complaint.solve_by = begin + _hours("complaint.solve_hours", complaint.severity)


def _hours(parameter: str, severity: str) -> timedelta:
    return timedelta(hours=parameters.get(parameter)[severity])


def _answered(complaint: Complaint) -> None:
    complaint.answered_at = complaint.answered_at or clock.now()


def _resume(complaint: Complaint) -> None:
    """What the customer took to answer is added to the time that is left."""
    if complaint.paused_at is None:
        raise Conflict(_l("The customer was not asked anything"))
    waited = clock.now() - complaint.paused_at
    complaint.paused_at = None
    complaint.paused_seconds += int(waited.total_seconds())
    complaint.solve_by += waited


def _move(
    complaint: Complaint,
    new: ComplaintStatus,
    kind: str,
    text: str,
    actor: Actor,
    *,
    shown: bool = False,
    **data: Any,
) -> None:
    old = move(complaint, new)
    _tell(
        complaint, kind, text, actor=actor, from_status=old.value, to_status=new.value,
        shown=shown, **data,
    )  # fmt: skip


def _tell(
    complaint: Complaint,
    kind: str,
    text: str,
    *,
    actor: Actor,
    from_status: str | None = None,
    to_status: str | None = None,
    shown: bool = False,
    **data: Any,
) -> None:
    db.session.add(
        ComplaintEvent(
            complaint_id=complaint.id,
            kind=kind,
            from_status=from_status,
            to_status=to_status,
            text=text,
            shown_to_customer=shown,
            data=data,
            actor_kind=actor.kind,
            actor_id=actor.id,
            at=clock.now(),
        )
    )


def _notify(complaint: Complaint, kind: str, **data: Any) -> None:
    notifications.notify(
        "customer", complaint.customer_id, kind, complaint=complaint.number, **data
    )


def _reaches(user_id: int, complaint: Complaint) -> bool:
    """Whether the person may see the complaint at all."""
    visible = access.condition(Complaint, Actor("staff", user_id))
    found = sa.select(Complaint.id).where(Complaint.id == complaint.id, visible)
    return db.session.scalar(found) is not None
