"""A refund after completion: what the order earned is split anew over what remains of its price.

The rates are those that the order froze. The company gives back its part of the commission, each
worker her part of the share: from what is frozen, or, when it was settled already, as a debt that
her next statement shows. The price is the one before the customer's coupon, whose part the company
bears no more.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.ledger import COMMISSION, COUPONS, WORKER_FROZEN, WORKER_NEGATIVE, Line
from app.domain.money import share, split
from app.domain.states import AdjustmentStatus
from app.models import (
    Accrual,
    AccrualReversal,
    Adjustment,
    Branch,
    Order,
    Refund,
    StatementLine,
)
from app.services.numbers import new_number
from app.services.orders import events
from app.services.transactions import locked


@dataclass(frozen=True, slots=True)
class Share:
    """What one worker and the company earned with an order, in fen."""

    base_fen: int
    commission_fen: int

    @property
    def worker_fen(self) -> int:
        return self.base_fen - self.commission_fen

    def __sub__(self, other: "Share") -> "Share":
        return Share(self.base_fen - other.base_fen, self.commission_fen - other.commission_fen)


def anew(remaining_fen: int, commission_bp: int, bases: list[int]) -> list[Share]:
    """The split of what remains of a price, by the bases of the first split."""
    parts = split(remaining_fen, bases)
    return [Share(base, share(base, commission_bp)) for base in parts]


def take_back(
    session: Session, order: Order, refund: Refund, subsidy_fen: int, *, actor: Actor
) -> list[Line]:
    """Reverse the refund's amount of what the order earned, and what the coupon bore of that; the
    other side of its journal.

    Returns no lines when nothing was earned yet. The order's row is locked; the branch's is locked
    here, so that no settlement run is made meanwhile.
    """
    query = sa.select(Accrual).filter_by(order_id=order.id).order_by(Accrual.worker_id)
    accruals = list(session.scalars(query))
    if not accruals:
        return []
    locked(session, Branch, order.branch_id)
    standing = [_left(session, accrual) for accrual in accruals]
    taken = refund.amount_fen + subsidy_fen
    remaining = sum(left.base_fen for left in standing) - taken
    shares = anew(remaining, order.commission_bp, [accrual.base_fen for accrual in accruals])
    lines = [Line(COUPONS, -subsidy_fen)]
    for accrual, left, new in zip(accruals, standing, shares, strict=True):
        lines += _reverse(session, order, refund, accrual, left - new)
    events.record(order, "revenue.reversed", actor=actor, base_fen=taken)
    return lines


def _left(session: Session, accrual: Accrual) -> Share:
    """What earlier refunds have left of it."""
    columns = (AccrualReversal.base_fen, AccrualReversal.commission_fen)
    sums = (sa.func.coalesce(sa.func.sum(column), 0) for column in columns)
    base, commission = session.execute(sa.select(*sums).filter_by(accrual_id=accrual.id)).one()
    return Share(accrual.base_fen, accrual.commission_fen) - Share(int(base), int(commission))


def _reverse(
    session: Session, order: Order, refund: Refund, accrual: Accrual, taken: Share
) -> list[Line]:
    session.add(
        AccrualReversal(
            refund_id=refund.id,
            accrual_id=accrual.id,
            base_fen=taken.base_fen,
            commission_fen=taken.commission_fen,
            worker_fen=taken.worker_fen,
        )
    )
    lines = [Line(COMMISSION, taken.commission_fen)]
    if not taken.worker_fen:
        return lines
    owed = taken.worker_fen > 0 and _in_statement(session, accrual.id)
    session.add(
        Adjustment(
            number=new_number("A"),
            branch_id=order.branch_id,
            worker_id=accrual.worker_id,
            order_id=order.id,
            kind="refund",
            amount_fen=-taken.worker_fen,
            negative_fen=taken.worker_fen if owed else 0,
            reason=f"{refund.number}: {refund.reason}"[:200],
            status=AdjustmentStatus.APPROVED.value,
        )
    )
    account = WORKER_NEGATIVE if owed else WORKER_FROZEN
    return [*lines, Line(account, taken.worker_fen, "worker", accrual.worker_id)]


def _in_statement(session: Session, accrual_id: int) -> bool:
    """Settled, or in a run that is about to be: its frozen money is spoken for."""
    line = session.scalar(sa.select(StatementLine.id).filter_by(accrual_id=accrual_id))
    return line is not None
