"""Every allowed move from one status to another, in one place.

Nobody writes a status without `check_transition`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from app.domain.errors import N_, IllegalTransition
from app.domain.statuses import (
    AccountStatus,
    ActionStatus,
    AddOnStatus,
    AdjustmentStatus,
    AppealStatus,
    ApprovalStatus,
    AssignmentStatus,
    BackupStatus,
    BatchStatus,
    CampaignStatus,
    ComplaintStatus,
    CouponStatus,
    DifferenceStatus,
    DocumentStatus,
    EditStatus,
    ExportStatus,
    FaceCheckStatus,
    FeedbackStatus,
    HoldStatus,
    ImportStatus,
    IncidentStatus,
    LeaveStatus,
    ManualStatus,
    MoveStatus,
    OccurrenceStatus,
    OfferStatus,
    OrderStatus,
    PaymentStatus,
    PeriodStatus,
    PlanStatus,
    ReconciliationStatus,
    RefundStatus,
    RestoreStatus,
    ReviewStatus,
    RunStatus,
    StatementStatus,
    VisitStatus,
    WithdrawalStatus,
    WorkerStatus,
)

__all__ = [
    "MOVES",
    "AccountStatus",
    "ActionStatus",
    "AddOnStatus",
    "AdjustmentStatus",
    "AppealStatus",
    "ApprovalStatus",
    "AssignmentStatus",
    "BackupStatus",
    "BatchStatus",
    "CampaignStatus",
    "ComplaintStatus",
    "CouponStatus",
    "DifferenceStatus",
    "DocumentStatus",
    "EditStatus",
    "ExportStatus",
    "FaceCheckStatus",
    "FeedbackStatus",
    "HoldStatus",
    "ImportStatus",
    "IncidentStatus",
    "LeaveStatus",
    "ManualStatus",
    "MoveStatus",
    "OccurrenceStatus",
    "OfferStatus",
    "OrderStatus",
    "PaymentStatus",
    "PeriodStatus",
    "PlanStatus",
    "ReconciliationStatus",
    "RefundStatus",
    "RestoreStatus",
    "ReviewStatus",
    "RunStatus",
    "StatementStatus",
    "VisitStatus",
    "WithdrawalStatus",
    "WorkerStatus",
    "check_transition",
    "move",
]  # fmt: skip


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
        pending_dispatch -> offered accepted pending_confirm cancelled
        offered -> accepted pending_dispatch pending_confirm cancelled
        accepted -> pending_dispatch offered en_route in_service pending_confirm cancelled no_show exception
        en_route -> pending_dispatch offered accepted in_service pending_confirm cancelled no_show exception
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
        cancelled -> planned
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
        approved -> submitted manual succeeded
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
    AccountStatus: _moves(
        """
        active -> blocked erased
        blocked -> active erased
        """,
        AccountStatus,
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
    FaceCheckStatus: _moves(
        """
        asked -> passed failed unavailable manual
        unavailable -> asked manual
        failed -> asked manual
        manual -> passed failed
        """,
        FaceCheckStatus,
    ),
    PeriodStatus: _moves(
        """
        open -> published
        published -> final open
        """,
        PeriodStatus,
    ),
    PlanStatus: _moves(
        """
        active -> paused ended
        paused -> active ended
        """,
        PlanStatus,
    ),
    OccurrenceStatus: _moves(
        """
        planned -> ordered skipped impossible cancelled
        ordered -> planned cancelled
        skipped -> planned cancelled
        impossible -> planned skipped cancelled
        cancelled -> planned
        """,
        OccurrenceStatus,
    ),
    MoveStatus: _moves(
        """
        proposed -> ops_review await_other_side declined expired withdrawn agreed
        ops_review -> await_other_side declined expired withdrawn
        await_other_side -> agreed declined expired withdrawn
        """,
        MoveStatus,
    ),
    EditStatus: _moves("pending -> applied dropped", EditStatus),
    AddOnStatus: _moves(
        """
        proposed -> approved refused expired
        approved -> waived
        """,
        AddOnStatus,
    ),
    AppealStatus: _moves("asked -> upheld refused", AppealStatus),
    ComplaintStatus: _moves(
        """
        new -> assigned
        assigned -> investigating
        investigating -> waiting_for_customer proposed assigned
        waiting_for_customer -> investigating
        proposed -> resolved investigating
        resolved -> closed investigating
        closed -> investigating
        """,
        ComplaintStatus,
    ),
    CampaignStatus: _moves(
        """
        draft -> running ended
        running -> paused ended
        paused -> running ended
        """,
        CampaignStatus,
    ),
    CouponStatus: _moves(
        """
        given -> used expired withdrawn
        used -> given
        """,
        CouponStatus,
    ),
    AdjustmentStatus: _moves(
        """
        asked -> approved refused
        approved -> settled
        """,
        AdjustmentStatus,
    ),
    ManualStatus: _moves("asked -> posted refused", ManualStatus),
    BatchStatus: _moves(
        """
        draft -> approved cancelled
        approved -> paid cancelled
        """,
        BatchStatus,
    ),
    ReconciliationStatus: _moves(
        """
        open -> different matched
        different -> matched
        """,
        ReconciliationStatus,
    ),
    DifferenceStatus: _moves("open -> explained posted", DifferenceStatus),
    ExportStatus: _moves(
        """
        waiting -> running cancelled failed
        running -> ready failed cancelled
        failed -> waiting
        cancelled -> waiting
        ready -> expired
        """,
        ExportStatus,
    ),
    ImportStatus: _moves("read -> taken refused", ImportStatus),
    ReviewStatus: _moves("published -> hidden", ReviewStatus),
    ActionStatus: _moves("open -> done dropped", ActionStatus),
    FeedbackStatus: _moves(
        """
        new -> read answered
        read -> answered
        """,
        FeedbackStatus,
    ),
    IncidentStatus: _moves(
        """
        open -> in_work solved
        in_work -> solved
        solved -> in_work
        """,
        IncidentStatus,
    ),
    BackupStatus: _moves(
        """
        running -> made failed
        made -> proved failed
        """,
        BackupStatus,
    ),
    RestoreStatus: _moves(
        """
        asked -> compared failed
        compared -> approved refused
        approved -> done failed
        """,
        RestoreStatus,
    ),
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
