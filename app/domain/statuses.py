"""Every status of the product. The values are stored; people read translations."""

from enum import StrEnum


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


class FaceCheckStatus(StrEnum):
    ASKED = "asked"
    UNAVAILABLE = "unavailable"
    PASSED = "passed"
    FAILED = "failed"
    MANUAL = "manual"


class PeriodStatus(StrEnum):
    OPEN = "open"
    PUBLISHED = "published"
    FINAL = "final"


class PlanStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class OccurrenceStatus(StrEnum):
    PLANNED = "planned"
    ORDERED = "ordered"
    SKIPPED = "skipped"
    IMPOSSIBLE = "impossible"
    CANCELLED = "cancelled"


class MoveStatus(StrEnum):
    PROPOSED = "proposed"
    OPS_REVIEW = "ops_review"
    AWAIT_OTHER_SIDE = "await_other_side"
    AGREED = "agreed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class EditStatus(StrEnum):
    PENDING = "pending"
    APPLIED = "applied"
    DROPPED = "dropped"


class AddOnStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    WAIVED = "waived"


class AppealStatus(StrEnum):
    ASKED = "asked"
    UPHELD = "upheld"
    REFUSED = "refused"


class ComplaintStatus(StrEnum):
    NEW = "new"
    ASSIGNED = "assigned"
    INVESTIGATING = "investigating"
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    PROPOSED = "proposed"
    RESOLVED = "resolved"
    CLOSED = "closed"


class CampaignStatus(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class CouponStatus(StrEnum):
    GIVEN = "given"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class AdjustmentStatus(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    SETTLED = "settled"


class ManualStatus(StrEnum):
    ASKED = "asked"
    POSTED = "posted"
    REFUSED = "refused"


class AccountStatus(StrEnum):
    """Of a customer's or a worker's log-in."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    ERASED = "erased"


class BatchStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    PAID = "paid"
    CANCELLED = "cancelled"


class ReconciliationStatus(StrEnum):
    OPEN = "open"
    DIFFERENT = "different"
    MATCHED = "matched"


class DifferenceStatus(StrEnum):
    OPEN = "open"
    EXPLAINED = "explained"
    POSTED = "posted"


class ExportStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class ImportStatus(StrEnum):
    READ = "read"
    TAKEN = "taken"
    REFUSED = "refused"


class IncidentStatus(StrEnum):
    OPEN = "open"
    IN_WORK = "in_work"
    SOLVED = "solved"


class BackupStatus(StrEnum):
    RUNNING = "running"
    MADE = "made"
    PROVED = "proved"
    FAILED = "failed"


class RestoreStatus(StrEnum):
    ASKED = "asked"
    COMPARED = "compared"
    APPROVED = "approved"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class ReviewStatus(StrEnum):
    PUBLISHED = "published"
    HIDDEN = "hidden"


class ActionStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class FeedbackStatus(StrEnum):
    NEW = "new"
    READ = "read"
    ANSWERED = "answered"
