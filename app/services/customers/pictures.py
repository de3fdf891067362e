"""Photos and videos of an erased customer's home: they go, as soon as nobody's pay hangs on them.

They are what a worker shows when a settlement is doubted. So those of an order stay until its pay
stands on a statement that was approved and is not disputed; the job `prune` removes the rest.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.domain.actors import SYSTEM, Actor
from app.domain.states import AccountStatus, StatementStatus
from app.extensions import db
from app.models import (
    Accrual,
    Attachment,
    CustomerAccount,
    Order,
    Statement,
    StatementLine,
)
from app.services.transactions import transaction

SETTLED = (StatementStatus.APPROVED.value, StatementStatus.CONFIRMED.value)
AT_ONCE = 200


def told_of(customer_id: int) -> list[dict[str, Any]]:
    """Which photos there are of a customer's visits, in plain JSON."""
    mine = sa.select(Order.id).filter_by(customer_id=customer_id)
    rows = sa.select(Attachment).where(Attachment.order_id.in_(mine)).order_by(Attachment.id)
    return [
        {
            "id": row.id, "order_id": row.order_id, "visit_id": row.visit_id, "kind": row.kind,
            "mime": row.mime, "size_bytes": row.size_bytes, "sha256": row.sha256,
            "created_at": row.created_at.isoformat(),
        }
        for row in db.session.scalars(rows)
    ]  # fmt: skip


def remove(customer_id: int | None = None, *, actor: Actor = SYSTEM) -> int:
    """Remove what may go of one erased customer, or of all; returns how many photos.

    First the files, then the rows: what is interrupted is found and done again by the job.
    """
    removed = 0
    while found := db.session.scalars(_due(customer_id)).all():
        _delete_files(found)
        ids = [row.id for row in found]
        with transaction(actor) as session:
            for row in session.scalars(sa.select(Attachment).where(Attachment.id.in_(ids))):
                session.delete(row)
        removed += len(ids)
    return removed


def _due(customer_id: int | None) -> sa.Select[tuple[Attachment]]:
    settled = (
        sa.select(StatementLine.id)
        .join(Statement, Statement.id == StatementLine.statement_id)
        .where(StatementLine.accrual_id == Accrual.id, Statement.status.in_(SETTLED))
    )
    needed = sa.select(Accrual.id).where(Accrual.order_id == Order.id, ~settled.exists())
    due = (
        sa.select(Attachment)
        .join(Order, Order.id == Attachment.order_id)
        .join(CustomerAccount, CustomerAccount.id == Order.customer_id)
        .where(CustomerAccount.status == AccountStatus.ERASED.value, ~needed.exists())
        .order_by(Attachment.id)
        .limit(AT_ONCE)
    )
    return due if customer_id is None else due.where(CustomerAccount.id == customer_id)


def _delete_files(photos: Sequence[Attachment]) -> None:
    """Also of a photo that several visits share (in the demo) the last one deletes the file."""
    storage = current_app.extensions["gateways"].storage
    keys = {key for photo in photos for key in (photo.storage_key, photo.thumbnail_key) if key}
    others = sa.select(Attachment.storage_key, Attachment.thumbnail_key).where(
        Attachment.id.not_in([photo.id for photo in photos]),
        sa.or_(Attachment.storage_key.in_(keys), Attachment.thumbnail_key.in_(keys)),
    )
    for key in keys.difference(*db.session.execute(others).tuples()):
        storage.delete(key)
