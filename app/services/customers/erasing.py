"""A customer's data: handed over, and erased on request, which a second person agrees to.

What was ordered, paid and booked stays, as the law asks; it belongs to nobody any more. What the
audit log keeps about the person becomes unreadable, and its chain stays whole. The phone may
register anew, as somebody new.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

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
    Approval,
    Complaint,
    CustomerAccount,
    CustomerIdentity,
    CustomerTag,
    Favourite,
    Notification,
    Order,
    Refund,
    Review,
    ServicePlan,
    Visit,
)
from app.models.crypto import Encrypted
from app.models.personal import ABOUT, OWNER, SECRET, is_personal
from app.services.identity import blocking, tokens
from app.services.system import approvals
from app.services.system.erasing import erase_from_audit
from app.services.transactions import locked, retrying, transaction

APPROVAL_KIND = "erasure"
DONE_REFUNDS = (RefundStatus.SUCCEEDED.value, RefundStatus.REJECTED.value)
# Rows that say nothing but whose they are.
REMOVED: tuple[Any, ...] = (CustomerIdentity, Favourite, CustomerTag)
COARSE = 1  # decimals of a degree that stay of a place, about 11 km


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
    for row in _rows_about(session, account.id):
        _blank(row)
    for model in REMOVED:
        for row in session.scalars(sa.select(model).filter_by(customer_id=account.id)):
            session.delete(row)
    told = sa.delete(Notification).filter_by(recipient_kind="customer", recipient_id=account.id)
    session.execute(told)
    account.phone_index = account.phone_tail_index = None
    move(account, AccountStatus.ERASED)
    tokens.revoke("customer", account)
    session.flush()
    erase_from_audit(("customer", account.id), actor=actor)


def data_of(customer_id: int) -> dict[str, list[dict[str, Any]]]:
    """All that is kept about a customer, table by table: what he may ask for."""
    kept: dict[str, list[dict[str, Any]]] = {}
    for row in _rows_about(db.session(), customer_id):
        told = {
            column.name: getattr(row, column.name)
            for column in row.__table__.columns
            if column.name not in SECRET
        }
        kept.setdefault(row.__tablename__, []).append(told)
    return kept


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


def _check_nothing_open(account: CustomerAccount) -> None:
    if account.status == AccountStatus.ERASED:
        raise RuleViolation(_l("This customer is erased already"), code="erased")
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


def _rows_about(session: Session, customer_id: int) -> Iterator[Any]:
    """Every row whose personal values are about the customer, also by way of his orders."""
    keys = _keys_of(customer_id)
    for mapper in CustomerAccount.registry.mappers:
        table = mapper.local_table
        if getattr(mapper.class_, "append_only", False):
            continue  # proofs without a name: what was agreed to, and when
        wanted = _about(table, keys)
        if wanted:
            yield from session.scalars(sa.select(mapper.class_).where(sa.or_(*wanted))).all()


def _keys_of(customer_id: int) -> dict[str, sa.Select[Any]]:
    orders = sa.select(Order.id).filter_by(customer_id=customer_id)
    return {
        "customer": sa.select(CustomerAccount.id).filter_by(id=customer_id),
        "order": orders,
        "visit": sa.select(Visit.id).where(Visit.order_id.in_(orders)),
        "review": sa.select(Review.id).filter_by(customer_id=customer_id),
        "complaint": sa.select(Complaint.id).filter_by(customer_id=customer_id),
    }


def _about(table: Any, keys: dict[str, sa.Select[Any]]) -> list[sa.ColumnElement[bool]]:
    """The conditions under which a row of the table is about one of these."""
    places = (OWNER[table.name],) if table.name in OWNER else ABOUT.get(table.name, ())
    wanted: list[sa.ColumnElement[bool]] = []
    for kind, column in places:
        if kind.startswith("@"):
            wanted += [
                sa.and_(table.c[kind[1:]] == one, table.c[column].in_(ids))
                for one, ids in keys.items()
            ]
        elif kind in keys:
            wanted.append(table.c[column].in_(keys[kind]))
    return wanted


def _blank(row: Any) -> None:
    for column in row.__table__.columns:
        if not is_personal(row.__tablename__, column):
            continue
        value = getattr(row, column.name)
        if isinstance(value, float):
            setattr(row, column.name, round(value, COARSE))
        elif isinstance(value, (dict, list)):
            # What was ordered of a plan stays, as the orders' own lines do.
            if row.__tablename__ != ServicePlan.__tablename__:
                setattr(row, column.name, {})
        elif value is not None:
            empty = None if isinstance(column.type, Encrypted) and column.nullable else ""
            setattr(row, column.name, empty)
