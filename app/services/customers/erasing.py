"""A customer's data: handed over, and erased on request, which a second person agrees to.

What was ordered, paid and booked stays, as the law asks; it belongs to nobody any more. Photos of
his home go with him, see `pictures`. What the audit log keeps about the person becomes unreadable,
and its chain stays whole. The phone may register anew, as somebody new.
"""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.states import (
    AccountStatus,
    ComplaintStatus,
    OrderStatus,
    PlanStatus,
    RefundStatus,
    move,
)
from app.extensions import db
from app.models import (
    AddOn,
    Approval,
    Complaint,
    CustomerAccount,
    CustomerIdentity,
    CustomerTag,
    Favourite,
    Order,
    PaymentAttempt,
    Quote,
    Refund,
    Review,
    ServicePlan,
    Visit,
)
from app.services.customers import pictures
from app.services.identity import blocking, tokens
from app.services.system import approvals, erasing
from app.services.transactions import after_commit, locked, retrying, transaction

APPROVAL_KIND = "erasure"
DONE_REFUNDS = (RefundStatus.SUCCEEDED.value, RefundStatus.REJECTED.value)
# Rows that say nothing but whose they are.
REMOVED: tuple[Any, ...] = (CustomerIdentity, Favourite, CustomerTag)


@retrying
def ask_erasure(customer_id: int, reason: str, *, actor: Actor) -> Approval:
    """Ask somebody else to erase a customer.

    Raises InvalidInput without a reason, RuleViolation (still_open) that says what is open.
    """
    if not reason.strip():
        raise InvalidInput(_l("Please give a reason"), code="reason_missing")
    with transaction(actor) as session:
        account = locked(session, CustomerAccount, customer_id)
        _check_nothing_open(account)
        return approvals.ask(
            APPROVAL_KIND, "customer", account.id, _content(account), f"#{account.id}",
            reason=reason.strip(), branch_id=account.branch_id, actor=actor,
        )  # fmt: skip


@approvals.executes(APPROVAL_KIND)
def _approved(approval: Approval, actor: Actor) -> None:
    """Runs inside the deciding transaction."""
    session = db.session()
    account = locked(session, CustomerAccount, approval.subject_id)
    approvals.check_as_shown(approval.payload, _content(account))
    _check_nothing_open(account)
    erasing.empty(session, _keys_of(account.id))
    for model in REMOVED:
        for row in session.scalars(sa.select(model).filter_by(customer_id=account.id)):
            session.delete(row)
    move(account, AccountStatus.ERASED)
    tokens.revoke("customer", account)
    session.flush()
    erasing.erase_from_audit(("customer", account.id), actor=actor)
    customer_id = account.id
    after_commit(lambda: pictures.remove(customer_id, actor=actor))


def data_of(customer_id: int, *, actor: Actor) -> erasing.Told:
    """All that is kept about a customer, table by table: what he may ask for. It is written down
    who took it. Of the photos of his visits it says which there are. Raises RuleViolation (erased).
    """
    account = db.session.get_one(CustomerAccount, customer_id)
    _check_not_erased(account)
    told = erasing.told_of(_keys_of(customer_id))
    if photos := pictures.told_of(customer_id):
        told["attachment"] = photos
    return erasing.hand_over(account, told, actor=actor)


def still_open(customer_id: int) -> list[str]:
    """Numbers of orders, plans, refunds and complaints that have to end before."""
    session = db.session()
    orders = sa.select(Order).filter_by(customer_id=customer_id).order_by(Order.id)
    found = [
        order.number
        for order in session.scalars(orders)
        if order.status not in blocking.OVER
        or (order.status == OrderStatus.COMPLETED and order.unpaid_fen)
    ]
    mine = sa.select(Order.id).filter_by(customer_id=customer_id)
    for query in (
        sa.select(ServicePlan.number).where(
            ServicePlan.customer_id == customer_id, ServicePlan.status != PlanStatus.ENDED.value
        ),
        sa.select(Refund.number).where(
            Refund.order_id.in_(mine), Refund.status.not_in(DONE_REFUNDS)
        ),
        sa.select(Complaint.number).where(
            Complaint.customer_id == customer_id,
            Complaint.status.not_in((ComplaintStatus.RESOLVED.value, ComplaintStatus.CLOSED.value)),
        ),
    ):
        found += session.scalars(query.order_by(sa.text("1"))).all()
    return found


def _check_not_erased(account: CustomerAccount) -> None:
    if account.status == AccountStatus.ERASED:
        raise RuleViolation(_l("This customer is erased already"), code="erased")


def _check_nothing_open(account: CustomerAccount) -> None:
    _check_not_erased(account)
    numbers = still_open(account.id)
    if numbers:
        raise RuleViolation(
            _l("First these have to end: %(numbers)s", numbers=", ".join(numbers[:10])),
            code="still_open",
            open=numbers,
        )


def _content(account: CustomerAccount) -> dict[str, Any]:
    """Nothing personal: the request stays when the person is gone."""
    orders = sa.select(sa.func.count(Order.id)).filter_by(customer_id=account.id)
    return {"customer_id": account.id, "orders": db.session.scalar(orders)}


def _keys_of(customer_id: int) -> dict[str, sa.Select[Any]]:
    orders = sa.select(Order.id).filter_by(customer_id=customer_id)
    return {
        "customer": sa.select(CustomerAccount.id).filter_by(id=customer_id),
        "plan": sa.select(ServicePlan.id).filter_by(customer_id=customer_id),
        "quote": sa.select(Quote.id).filter_by(customer_id=customer_id),
        "order": orders,
        "add_on": sa.select(AddOn.id).where(AddOn.order_id.in_(orders)),
        "payment_attempt": sa.select(PaymentAttempt.id).where(PaymentAttempt.order_id.in_(orders)),
        "refund": sa.select(Refund.id).where(Refund.order_id.in_(orders)),
        "visit": sa.select(Visit.id).where(Visit.order_id.in_(orders)),
        "review": sa.select(Review.id).filter_by(customer_id=customer_id),
        "complaint": sa.select(Complaint.id).filter_by(customer_id=customer_id),
    }
