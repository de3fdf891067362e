"""All tables. Importing this module completes the metadata (FAB's own tables included)."""

from flask_appbuilder.security.sqla import models as fab_models  # noqa: F401

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
from app.models.customers import Address, CustomerAccount, CustomerIdentity
from app.models.dispatch import Assignment, Candidate, DispatchRun, Offer
from app.models.money import (
    Accrual,
    CommissionRule,
    Journal,
    LedgerAccount,
    PaymentAttempt,
    PaymentNotice,
    Posting,
    Refund,
    SettlementRun,
    Statement,
    StatementLine,
    Withdrawal,
)
from app.models.orders import Order, OrderEvent, OrderItem, OrderLine, Visit
from app.models.roster import Leave, Quote, Shift, SlotHold, WorkerBusy
from app.models.system import (
    Approval,
    AuditLog,
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
    "Accrual", "Address", "Approval", "Area", "AreaRegion", "Assignment", "Attachment",
    "AuditLog", "Branch", "Candidate", "Category", "CheckEvent", "CommissionRule",
    "CustomerAccount", "CustomerIdentity", "DispatchRun", "IdempotencyKey", "Installation",
    "JobRun", "Journal", "Leave", "LedgerAccount", "Notification", "Offer", "Option",
    "OptionGroup", "Order", "OrderEvent", "OrderItem", "OrderLine", "OtpChallenge", "Outbox",
    "Parameter", "ParameterChange", "Partner", "PaymentAttempt", "PaymentNotice",
    "PayoutAccount", "Posting", "Quote", "RefreshToken", "Refund", "Region", "Review",
    "Service", "SettlementRun", "Shift", "Skill", "SkillRequirement", "SlotHold",
    "StaffProfile", "Statement", "StatementLine", "Timer", "Visit", "Withdrawal", "Worker",
    "WorkerAccount", "WorkerArea", "WorkerBusy", "WorkerDocument", "WorkerSkill",
]  # fmt: skip
