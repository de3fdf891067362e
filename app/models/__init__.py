"""All tables. Importing this module completes the metadata (FAB's own tables included)."""

from flask_appbuilder.security.sqla import models as fab_models  # noqa: F401

from app.models.audit import AuditLog, AuditSeal, PersonKey
from app.models.books import LedgerProof, ManualJournal
from app.models.catalog import (
    Area,
    AreaRegion,
    Category,
    Option,
    OptionGroup,
    Region,
    Service,
    Skill,
    SkillRequirement,
)
from app.models.catalog_rules import (
    Checklist,
    Holiday,
    PriceRule,
)
from app.models.crm import (
    Campaign,
    Coupon,
    CouponTemplate,
    CustomerTag,
    Redemption,
    Segment,
    Source,
    Tag,
)
from app.models.customers import Address, CustomerAccount, CustomerIdentity
from app.models.dispatch import Assignment, Candidate, DispatchRun, Offer
from app.models.money import (
    Accrual,
    CommissionRule,
    Journal,
    LedgerAccount,
    Posting,
    SettlementRun,
    Statement,
    StatementLine,
    Withdrawal,
)
from app.models.office import (
    ApplicationError,
    Backup,
    Export,
    ImportBatch,
    Incident,
    LoginAttempt,
    Note,
    NotificationTemplate,
    RestoreJob,
    SavedView,
)
from app.models.order_changes import (
    AddOn,
    Cancellation,
    ChecklistAnswer,
    LocationPing,
    MoveRequest,
    OrderEdit,
    VisitNote,
)
from app.models.orders import Order, OrderEvent, OrderItem, OrderLine, Visit
from app.models.payments import PaymentAttempt, PaymentNotice, PaymentVoucher, Refund
from app.models.people import (
    Availability,
    Experience,
    FaceCheck,
    PerformancePeriod,
    Reward,
    ShiftTemplate,
    Team,
    TeamMember,
    TrainingRecord,
)
from app.models.plans import PlanEvent, PlanOccurrence, ServicePlan
from app.models.policies import (
    BoardAction,
    DispatchPolicy,
)
from app.models.preferences import (
    BlockedPair,
    Consent,
    Favourite,
    Preference,
)
from app.models.quality import (
    Cause,
    Complaint,
    ComplaintEvent,
    CorrectiveAction,
    Feedback,
    ReviewAppeal,
    ReviewReply,
)
from app.models.reconciliation import (
    BillItem,
    ChannelBill,
    Difference,
    ReconciliationRun,
)
from app.models.roster import (
    BlockedTime,
    Leave,
    Quote,
    RosterStamp,
    Shift,
    SlotHold,
    WorkerBusy,
)
from app.models.settling import (
    AccrualReversal,
    Adjustment,
    PayoutBatch,
    PeriodSeal,
    RefundAllocation,
    TaxBracket,
    TaxLine,
)
from app.models.system import (
    Approval,
    Branch,
    IdempotencyKey,
    Installation,
    JobRun,
    Notification,
    OtpChallenge,
    Outbox,
    Parameter,
    ParameterChange,
    RefreshToken,
    StaffProfile,
    Timer,
    TimetableEntry,
)
from app.models.visits import Attachment, CheckEvent, Review
from app.models.workers import (
    Partner,
    PayoutAccount,
    Worker,
    WorkerAccount,
    WorkerArea,
    WorkerDocument,
    WorkerSkill,
)

__all__ = [
    "Accrual", "AccrualReversal", "AddOn", "Address", "Adjustment", "ApplicationError",
    "Approval", "Area", "AreaRegion", "Assignment", "Attachment", "AuditLog", "AuditSeal",
    "Availability", "Backup", "BillItem", "BlockedPair", "BlockedTime", "BoardAction", "Branch",
    "Campaign", "Cancellation", "Candidate", "Category", "Cause", "ChannelBill", "CheckEvent",
    "Checklist",
    "ChecklistAnswer", "CommissionRule", "Complaint", "ComplaintEvent", "Consent",
    "CorrectiveAction", "Coupon", "CouponTemplate", "CustomerAccount", "CustomerIdentity",
    "CustomerTag", "Difference", "DispatchPolicy", "DispatchRun", "Experience", "Export",
    "FaceCheck", "Favourite", "Feedback", "Holiday", "IdempotencyKey", "ImportBatch",
    "Incident", "Installation", "JobRun", "Journal", "Leave", "LedgerAccount", "LedgerProof",
    "LocationPing", "LoginAttempt", "ManualJournal", "MoveRequest", "Note", "Notification",
    "NotificationTemplate", "Offer", "Option", "OptionGroup", "Order", "OrderEdit",
    "OrderEvent", "OrderItem", "OrderLine", "OtpChallenge", "Outbox", "Parameter",
    "ParameterChange", "Partner", "PaymentAttempt", "PaymentNotice", "PaymentVoucher",
    "PayoutAccount", "PayoutBatch", "PerformancePeriod", "PeriodSeal", "PersonKey",
    "PlanEvent", "PlanOccurrence", "Posting", "Preference", "PriceRule", "Quote",
    "ReconciliationRun",
    "Redemption", "RefreshToken", "Refund", "RefundAllocation", "Region", "RestoreJob",
    "Review", "ReviewAppeal", "ReviewReply", "Reward", "RosterStamp",
    "SavedView", "Segment", "Service",
    "ServicePlan", "SettlementRun", "Shift", "ShiftTemplate", "Skill", "SkillRequirement",
    "SlotHold", "Source", "StaffProfile", "Statement", "StatementLine", "Tag", "TaxBracket",
    "TaxLine", "Team", "TeamMember", "Timer", "TimetableEntry", "TrainingRecord", "Visit",
    "VisitNote", "Withdrawal", "Worker", "WorkerAccount", "WorkerArea", "WorkerBusy",
    "WorkerDocument", "WorkerSkill",
]  # fmt: skip
