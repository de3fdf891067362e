"""Which rows somebody may see: staff by branch, agencies by their workers, clients by ownership.

What is outside looks as if it did not exist. Lists, pages, actions, API and exports all ask here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import g, has_request_context, request
from flask_appbuilder.security.sqla.models import (
    Role,
    User,
    assoc_group_role,
    assoc_user_group,
    assoc_user_role,
)
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query, RelationshipProperty

from app import models as m
from app.domain.actors import Actor
from app.domain.errors import NotFound
from app.extensions import db

T = TypeVar("T")
Condition = sa.ColumnElement[bool]

# How a row leads to its branch: a column, or the relation to the row that knows.
BRANCH_PATH: Mapping[type[Any], str] = {
    m.Accrual: "order",
    m.AddOn: "order",
    m.Adjustment: "branch_id",
    m.Area: "branch_id",
    m.Assignment: "order",
    m.Attachment: "order",
    m.Availability: "worker",
    m.BlockedPair: "worker",
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
    m.Favourite: "customer",
    m.Incident: "branch_id",
    m.Leave: "worker",
    m.LocationPing: "worker",
    m.MoveRequest: "order",
    m.Note: "branch_id",
    m.Offer: "order",
    m.Order: "branch_id",
    m.OrderItem: "order",
    m.OrderLine: "order",
    m.Partner: "branch_id",
    m.PaymentAttempt: "order",
    m.PayoutAccount: "worker",
    m.PayoutBatch: "run",
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
        m.ImportBatch, m.JobRun, m.Notification, m.Outbox, m.PaymentNotice, m.PeriodSeal,
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
EVERYWHERE, NOWHERE = "everywhere", "nowhere"


@dataclass(frozen=True, slots=True)
class OfPartner:
    """The reach of an agency's login."""

    partner_id: int


Reach = int | str | OfPartner


def reach_of(actor: Actor) -> Reach:
    """The branch of a member of staff, EVERYWHERE without one; NOWHERE for everybody else."""
    if actor.kind == "system":
        return EVERYWHERE
    if actor.kind != "staff" or actor.id is None:
        return NOWHERE
    remembered = request.environ if has_request_context() else {}
    key = f"backoffice.reach.{actor.id}"
    if key not in remembered:
        remembered[key] = _read_reach(actor.id)
    reach: Reach = remembered[key]
    return reach


def _read_reach(user_id: int) -> Reach:
    # The sign-in has read the profile of whoever asks.
    profile = g.get("staff_profile") if has_request_context() else None
    if profile is None or profile.user_id != user_id:
        profile = db.session.scalar(sa.select(m.StaffProfile).filter_by(user_id=user_id))
    if profile is None:
        return EVERYWHERE
    if profile.partner_id is not None:
        return OfPartner(profile.partner_id)
    if profile.holds_partner_role:
        return NOWHERE
    return EVERYWHERE if profile.branch_id is None else int(profile.branch_id)


def roles_of(actor: Actor) -> set[str]:
    """Codes of the roles that an active member of staff holds, himself or through a group."""
    if actor.kind != "staff" or actor.id is None:
        return set()
    direct = sa.select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == actor.id)
    grouped = (
        sa.select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == actor.id)
    )
    active = sa.select(User.id).where(User.id == actor.id, User.active.is_(True)).exists()
    names = sa.select(Role.name).where(Role.id.in_(sa.union_all(direct, grouped)), active)
    return set(db.session.scalars(names))


def holds_one_of(user_id: Any, roles: Iterable[str]) -> Condition:
    """SQL: the user of the outer statement holds one of these roles himself."""
    held = sa.select(assoc_user_role.c.role_id).where(
        assoc_user_role.c.user_id == user_id,
        assoc_user_role.c.role_id == Role.id,
        Role.name.in_(list(roles)),
    )
    return held.correlate(user_id.class_).exists()


def condition(model: type[Any], actor: Actor) -> Condition:
    """SQL for the rows of `model` that a member of staff may see."""
    reach = reach_of(actor)
    if isinstance(reach, OfPartner):
        return _of_partner(model, reach.partner_id)
    if reach == EVERYWHERE or (model in SHARED and reach != NOWHERE):
        return sa.true()
    if reach == NOWHERE or model in COMPANY:
        return sa.false()
    return _in_branch(model, int(reach))


def _of_partner(model: type[Any], partner_id: int) -> Condition:
    if model is m.Visit:
        return _visited_by(partner_id)
    if model not in PARTNER_PATH:
        return sa.false()
    path = getattr(model, PARTNER_PATH[model])
    if not isinstance(path.property, RelationshipProperty):
        same: Condition = path == partner_id
        return same
    found: Condition = path.has(_of_partner(path.property.mapper.class_, partner_id))
    return found


def _visited_by(partner_id: int) -> Condition:
    """Visits that a worker of the agency makes or made."""
    assigned = sa.select(m.Assignment.id).where(
        m.Assignment.visit_id == m.Visit.id,
        m.Assignment.worker.has(m.Worker.partner_id == partner_id),
        m.Assignment.status != "ended",
    )
    return assigned.exists()


def _in_branch(model: type[Any], branch_id: int) -> Condition:
    if model in OWN_RULE:
        own: Condition = OWN_RULE[model](branch_id)
        return own
    path = getattr(model, BRANCH_PATH[model])
    if not isinstance(path.property, RelationshipProperty):
        same: Condition = path == branch_id
        return same
    found: Condition = path.has(_in_branch(path.property.mapper.class_, branch_id))
    return found


def _customer(branch_id: int) -> Condition:
    """Those at home in the branch, and whoever has an order there."""
    orders = sa.select(m.Order.id).where(
        m.Order.customer_id == m.CustomerAccount.id, m.Order.branch_id == branch_id
    )
    return sa.or_(m.CustomerAccount.branch_id == branch_id, orders.exists())


def _address(branch_id: int) -> Condition:
    return m.Address.customer.has(_customer(branch_id))


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
    return sa.or_(orders.exists(), accounts.exists())


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
    m.Consent: _consent,
    m.CustomerAccount: _customer,
    m.Export: _export,
    m.LedgerAccount: _ledger_account,
    m.Feedback: _feedback,
    m.Journal: _journal,
    m.Posting: _posting,
    m.PriceRule: _price_rule,
    m.Quote: _quote,
    User: _user,
}


def visible(query: Query[Any], model: type[Any], actor: Actor) -> Query[Any]:
    """The query, narrowed to what the member of staff may see."""
    return query.filter(condition(model, actor))


def row_for(actor: Actor, model: type[T], key: int) -> T:
    """The row for a member of staff. Raises NotFound outside the scope."""
    statement = sa.select(model).where(model.id == key, condition(model, actor))  # type: ignore[attr-defined]
    row = db.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(_l("This record does not exist"))
    return row


def orders_visible_to(actor: Actor) -> sa.Select[tuple[m.Order]]:
    """Orders of a customer, of a worker (assigned or offered now), or of a branch's staff."""
    orders = sa.select(m.Order)
    if actor.kind == "customer":
        return orders.where(m.Order.customer_id == actor.id)
    if actor.kind == "worker":
        return orders.where(_worker_concerned(actor.id))
    return orders.where(condition(m.Order, actor))


def _worker_concerned(worker_id: int | None) -> Condition:
    """An assignment that did not end, or an offer that still waits for an answer."""
    assigned = sa.select(m.Assignment.id).where(
        m.Assignment.order_id == m.Order.id,
        m.Assignment.worker_id == worker_id,
        m.Assignment.status != "ended",
    )
    offered = sa.select(m.Offer.id).where(
        m.Offer.order_id == m.Order.id, m.Offer.worker_id == worker_id, m.Offer.status == "live"
    )
    return sa.or_(assigned.exists(), offered.exists())


def order_for(actor: Actor, order_id: int) -> m.Order:
    """The order, if it is the actor's to see. Raises NotFound."""
    order = db.session.scalars(orders_visible_to(actor).where(m.Order.id == order_id)).one_or_none()
    if order is None:
        raise NotFound(_l("This order does not exist"))
    return order
