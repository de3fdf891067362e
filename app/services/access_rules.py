"""How each table's rows belong to a branch or an agency, as SQL. `access` asks for whom."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from sqlalchemy.orm import RelationshipProperty

from app import models as m

Condition = sa.ColumnElement[bool]

# How a row leads to its branch: a column, or the relation to the row that knows.
BRANCH_PATH: Mapping[type[Any], str] = {
    m.Accrual: "order",
    m.AccrualReversal: "accrual",
    m.AddOn: "order",
    m.Adjustment: "branch_id",
    m.Area: "branch_id",
    m.Assignment: "order",
    m.Attachment: "order",
    m.Availability: "worker",
    m.BlockedTime: "worker",
    m.BoardAction: "branch_id",
    m.Branch: "id",
    m.Cancellation: "order",
    m.Candidate: "worker",
    m.CheckEvent: "worker",
    m.ChecklistAnswer: "visit",
    m.Complaint: "branch_id",
    m.ComplaintEvent: "complaint",
    m.CorrectiveAction: "complaint",
    m.Coupon: "customer",
    m.CustomerTag: "customer",
    m.DispatchPolicy: "branch_id",
    m.DispatchRun: "order",
    m.Experience: "worker",
    m.FaceCheck: "worker",
    m.Incident: "branch_id",
    m.Leave: "worker",
    m.LocationPing: "worker",
    m.MoveRequest: "order",
    m.Note: "branch_id",
    m.Offer: "order",
    m.Order: "branch_id",
    m.OrderEdit: "order",
    m.OrderItem: "order",
    m.OrderLine: "order",
    m.Partner: "branch_id",
    m.PaymentAttempt: "order",
    m.PaymentVoucher: "attempt",
    m.PayoutAccount: "worker",
    m.PayoutBatch: "branch_id",
    m.PerformancePeriod: "worker",
    m.PlanOccurrence: "plan",
    m.Preference: "customer",
    m.Redemption: "order",
    m.Refund: "order",
    m.RefundAllocation: "refund",
    m.Review: "order",
    m.ReviewAppeal: "review",
    m.ReviewReply: "review",
    m.Reward: "worker",
    m.ServicePlan: "branch_id",
    m.SettlementRun: "branch_id",
    m.Shift: "worker",
    m.ShiftTemplate: "branch_id",
    m.SlotHold: "quote",
    m.StaffProfile: "branch_id",
    m.Statement: "run",
    m.StatementLine: "statement",
    m.TaxLine: "statement",
    m.Team: "branch_id",
    m.TeamMember: "team",
    m.TrainingRecord: "worker",
    m.Visit: "order",
    m.VisitNote: "visit",
    m.Withdrawal: "worker",
    m.Worker: "branch_id",
    m.WorkerArea: "worker",
    m.WorkerBusy: "worker",
    m.WorkerDocument: "worker",
    m.WorkerSkill: "worker",
}
# The same for everybody who may open the screen at all.
SHARED: frozenset[type[Any]] = frozenset(
    {
        m.Campaign,
        m.Category,
        m.Cause,
        m.Checklist,
        m.CommissionRule,
        m.CouponTemplate,
        m.Holiday,
        m.NotificationTemplate,
        m.Option,
        m.OptionGroup,
        m.Parameter,
        m.ParameterChange,
        m.Region,
        m.SavedView,
        m.Segment,
        m.Service,
        m.Skill,
        m.SkillRequirement,
        m.Source,
        m.Tag,
        m.TaxBracket,
    }
)
# Of the whole company: nothing for somebody who belongs to one branch.
COMPANY: frozenset[type[Any]] = frozenset(
    {
        m.ApplicationError, m.AuditLog, m.Backup, m.BillItem, m.ChannelBill, m.Difference,
        m.ImportBatch, m.JobRun, m.LedgerProof, m.ManualJournal, m.Notification, m.Outbox,
        m.PaymentNotice, m.PeriodSeal,
        m.ReconciliationRun, m.RestoreJob, m.Timer, m.TimetableEntry,
    }
)  # fmt: skip
# The same for an agency: its workers, and what they do and earn. Nothing else is an agency's.
PARTNER_PATH: Mapping[type[Any], str] = {
    m.Leave: "worker",
    m.Partner: "id",
    m.Shift: "worker",
    m.Statement: "worker",
    m.StatementLine: "statement",
    m.Worker: "partner_id",
}


def of_partner(model: type[Any], partner_id: int) -> Condition:
    """SQL for the agency's workers, and what they do and earn; nothing of any other table."""
    if model is m.Visit:
        return _visited_by(partner_id)
    if model not in PARTNER_PATH:
        return sa.false()
    path = getattr(model, PARTNER_PATH[model])
    if not isinstance(path.property, RelationshipProperty):
        same: Condition = path == partner_id
        return same
    found: Condition = path.has(of_partner(path.property.mapper.class_, partner_id))
    return found


def _visited_by(partner_id: int) -> Condition:
    """Visits that a worker of the agency makes or made."""
    assigned = sa.select(m.Assignment.id).where(
        m.Assignment.visit_id == m.Visit.id,
        m.Assignment.worker.has(m.Worker.partner_id == partner_id),
        m.Assignment.status != "ended",
    )
    return assigned.exists()


def of_branch(model: type[Any], branch_id: int) -> Condition:
    """SQL for the rows of a table that belong to the branch."""
    if model in OWN_RULE:
        own: Condition = OWN_RULE[model](branch_id)
        return own
    path = getattr(model, BRANCH_PATH[model])
    if not isinstance(path.property, RelationshipProperty):
        same: Condition = path == branch_id
        return same
    found: Condition = path.has(of_branch(path.property.mapper.class_, branch_id))
    return found


def _customer(branch_id: int) -> Condition:
    """Those at home in the branch, and whoever has an order there."""
    orders = sa.select(m.Order.id).where(
        m.Order.customer_id == m.CustomerAccount.id, m.Order.branch_id == branch_id
    )
    return sa.or_(m.CustomerAccount.branch_id == branch_id, orders.exists())


def _address(branch_id: int) -> Condition:
    return m.Address.customer.has(_customer(branch_id))


def _pair(model: Any) -> Callable[[int], Condition]:
    """A customer and a worker: whoever sees both."""
    return lambda branch_id: sa.and_(
        model.customer.has(_customer(branch_id)), model.worker.has(branch_id=branch_id)
    )


def _quote(branch_id: int) -> Condition:
    """Where the address is, there it is served."""
    return m.Quote.area_id.in_(sa.select(m.Area.id).where(m.Area.branch_id == branch_id))


def _ledger_account(branch_id: int) -> Condition:
    """A branch sees its workers' accounts; the company's own are sums over all branches."""
    workers = sa.select(m.Worker.id).filter_by(branch_id=branch_id)
    return sa.and_(m.LedgerAccount.owner_kind == "worker", m.LedgerAccount.owner_id.in_(workers))


def _journal(branch_id: int) -> Condition:
    orders = sa.select(m.Order.id).where(
        m.Order.id == m.Journal.order_id, m.Order.branch_id == branch_id
    )
    accounts = sa.select(m.Posting.id).where(
        m.Posting.journal_id == m.Journal.id,
        m.Posting.account_id.in_(sa.select(m.LedgerAccount.id).where(_ledger_account(branch_id))),
    )
    # Also inside a query that reads postings and orders of its own.
    return sa.or_(*(part.correlate(m.Journal).exists() for part in (orders, accounts)))


def _posting(branch_id: int) -> Condition:
    return m.Posting.journal.has(_journal(branch_id))


def _price_rule(branch_id: int) -> Condition:
    """Those of the branch's areas, and those that hold in all."""
    return sa.or_(m.PriceRule.area_id.is_(None), m.PriceRule.area.has(branch_id=branch_id))


def _consent(branch_id: int) -> Condition:
    return sa.or_(
        m.Consent.customer.has(_customer(branch_id)), m.Consent.worker.has(branch_id=branch_id)
    )


def _feedback(branch_id: int) -> Condition:
    """By customers and workers of the branch."""
    customers = sa.select(m.CustomerAccount.id).where(_customer(branch_id))
    workers = sa.select(m.Worker.id).filter_by(branch_id=branch_id)
    return sa.or_(
        sa.and_(m.Feedback.actor_kind == "customer", m.Feedback.actor_id.in_(customers)),
        sa.and_(m.Feedback.actor_kind == "worker", m.Feedback.actor_id.in_(workers)),
    )


def _user(branch_id: int) -> Condition:
    profiles = sa.select(m.StaffProfile.id).where(
        m.StaffProfile.user_id == User.id, m.StaffProfile.branch_id == branch_id
    )
    return profiles.exists()


def _approval(branch_id: int) -> Condition:
    """Those of the branch, and what concerns rules that all branches share."""
    return sa.or_(m.Approval.branch_id == branch_id, m.Approval.subject_kind == "parameter")


def _export(branch_id: int) -> Condition:
    profiles = sa.select(m.StaffProfile.user_id).filter_by(branch_id=branch_id)
    return m.Export.staff_id.in_(profiles)


OWN_RULE: Mapping[type[Any], Any] = {
    m.Address: _address,
    m.Approval: _approval,
    m.BlockedPair: _pair(m.BlockedPair),
    m.Consent: _consent,
    m.CustomerAccount: _customer,
    m.Export: _export,
    m.LedgerAccount: _ledger_account,
    m.Favourite: _pair(m.Favourite),
    m.Feedback: _feedback,
    m.Journal: _journal,
    m.Posting: _posting,
    m.PriceRule: _price_rule,
    m.Quote: _quote,
    User: _user,
}
