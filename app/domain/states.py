"""Every state and every allowed move of the product, in one place.

Nobody writes a status without `check_transition`. Values are stored; people read translations.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from app.domain.errors import N_, IllegalTransition


class OrderStatus(StrEnum):
    PENDING_PAYMENT = "pending_payment"
    PENDING_DISPATCH = "pending_dispatch"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    IN_SERVICE = "in_service"
    PENDING_CONFIRM = "pending_confirm"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    EXCEPTION = "exception"


class VisitStatus(StrEnum):
    PLANNED = "planned"
    EN_ROUTE = "en_route"
    IN_SERVICE = "in_service"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


class OfferStatus(StrEnum):
    LIVE = "live"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    LOST = "lost"


class AssignmentStatus(StrEnum):
    PLANNED = "planned"
    ACCEPTED = "accepted"
    WORKING = "working"
    DONE = "done"
    ENDED = "ended"


class HoldStatus(StrEnum):
    LIVE = "live"
    TAKEN = "taken"
    RELEASED = "released"
    EXPIRED = "expired"


class PaymentStatus(StrEnum):
    CREATED = "created"
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    CLOSED = "closed"
    FAILED = "failed"


class RefundStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MANUAL = "manual"
    REJECTED = "rejected"


class RunStatus(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    CANCELLED = "cancelled"


class StatementStatus(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


class WithdrawalStatus(StrEnum):
    APPLIED = "applied"
    REVIEWED = "reviewed"
    SENT = "sent"
    WAITING_FOR_PAYEE = "waiting_for_payee"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    RETURNED = "returned"
    REJECTED = "rejected"


class WorkerStatus(StrEnum):
    APPLIED = "applied"
    DOCUMENTS_REVIEW = "documents_review"
    FACE_CHECK = "face_check"
    TRAINING = "training"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    LEFT = "left"
    REJECTED = "rejected"


class DocumentStatus(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"


class LeaveStatus(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class ApprovalStatus(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


def _moves(text: str, states: type[StrEnum]) -> dict[StrEnum, frozenset[StrEnum]]:
    """Read "a -> b c" lines into a table that names every state of the enum."""
    table: dict[StrEnum, frozenset[StrEnum]] = {state: frozenset() for state in states}
    for line in text.strip().splitlines():
        old, new = line.split("->")
        table[states(old.strip())] = frozenset(states(word) for word in new.split())
    return table


MOVES: Mapping[type[StrEnum], Mapping[StrEnum, frozenset[StrEnum]]] = {
    OrderStatus: _moves(
        """
        pending_payment -> pending_dispatch closed cancelled
        closed -> pending_dispatch
        pending_dispatch -> offered accepted cancelled
        offered -> accepted pending_dispatch cancelled
        accepted -> pending_dispatch offered en_route in_service cancelled no_show exception
        en_route -> pending_dispatch offered accepted in_service cancelled no_show exception
        in_service -> pending_confirm accepted exception
        pending_confirm -> completed exception
        exception -> pending_dispatch accepted en_route in_service pending_confirm completed cancelled
        """,  # noqa: E501
        OrderStatus,
    ),
    VisitStatus: _moves(
        """
        planned -> en_route in_service missed cancelled
        en_route -> planned in_service missed cancelled
        in_service -> done missed
        """,
        VisitStatus,
    ),
    OfferStatus: _moves("live -> accepted rejected expired withdrawn lost", OfferStatus),
    AssignmentStatus: _moves(
        """
        planned -> accepted ended
        accepted -> working done ended
        working -> done ended
        """,
        AssignmentStatus,
    ),
    HoldStatus: _moves("live -> taken released expired", HoldStatus),
    PaymentStatus: _moves(
        """
        created -> pending closed failed unknown succeeded
        pending -> succeeded closed failed unknown
        unknown -> succeeded closed failed pending
        closed -> succeeded
        """,
        PaymentStatus,
    ),
    RefundStatus: _moves(
        """
        requested -> approved rejected
        approved -> submitted
        submitted -> succeeded unknown failed
        unknown -> succeeded failed submitted
        failed -> manual submitted
        manual -> succeeded
        """,
        RefundStatus,
    ),
    RunStatus: _moves(
        """
        draft -> reviewed cancelled
        reviewed -> approved draft cancelled
        """,
        RunStatus,
    ),
    StatementStatus: _moves(
        """
        draft -> reviewed
        reviewed -> approved draft
        approved -> confirmed disputed
        disputed -> confirmed
        """,
        StatementStatus,
    ),
    WithdrawalStatus: _moves(
        """
        applied -> reviewed rejected
        reviewed -> sent unknown failed rejected
        sent -> waiting_for_payee unknown paid failed expired
        waiting_for_payee -> paid failed expired unknown
        unknown -> sent waiting_for_payee paid failed expired
        paid -> returned
        """,
        WithdrawalStatus,
    ),
    WorkerStatus: _moves(
        """
        applied -> documents_review rejected
        documents_review -> face_check rejected
        face_check -> training rejected
        training -> approved rejected
        approved -> suspended left
        suspended -> approved left
        """,
        WorkerStatus,
    ),
    DocumentStatus: _moves("submitted -> approved refused", DocumentStatus),
    LeaveStatus: _moves(
        """
        asked -> approved refused cancelled
        approved -> cancelled
        """,
        LeaveStatus,
    ),
    ApprovalStatus: _moves("asked -> approved refused expired", ApprovalStatus),
}


def check_transition(old: StrEnum, new: StrEnum) -> None:
    """Raise IllegalTransition unless the table allows the move."""
    if type(old) is not type(new) or new not in MOVES[type(old)][old]:
        raise IllegalTransition(
            N_("This cannot go from %(old)s to %(new)s"),
            kind=type(old).__name__,
            old=str(old),
            new=str(new),
        )


def move(row: Any, new: StrEnum) -> StrEnum:
    """Write a row's status: the one place in the product that does. Returns the old one."""
    old = type(new)(row.status)
    check_transition(old, new)
    row.status = new.value
    return old
