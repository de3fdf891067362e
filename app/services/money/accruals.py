"""What an order that is done earns: the company its commission, the crew the rest."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.ledger import COMMISSION, COUPONS, PREPAYMENTS, RECEIVABLES, WORKER_FROZEN, Line
from app.domain.money import share, split
from app.domain.states import AssignmentStatus, VisitStatus
from app.models import Accrual, Assignment, Order, Visit
from app.services import clock
from app.services.money import ledger, refunds, sums
from app.services.orders import events

UNSERVED = (VisitStatus.MISSED.value, VisitStatus.CANCELLED.value)
# Why the places of visits end that are charged a fee.
CALLED_OFF = ("visits_cancelled", "visit_missed")


def recognise(session: Session, order: Order, *, actor: Actor) -> list[Accrual]:
    """Book what the order is worth as earned, once. The order's row is locked.

    The customer's prepayment pays for it; what is missing becomes a receivable, what is too much
    goes back. Each crew member's part is frozen until it is settled. What the company bears of the
    price (a compensation, the customer's coupon) is earned, too.
    """
    standing = session.scalars(sa.select(Accrual).filter_by(order_id=order.id)).all()
    costs = order.due_fen + sums.compensated_of(session, order.id)
    price = costs + order.subsidy_fen
    if standing or not price:
        return list(standing)
    accruals = _accruals(order, _bases(session, order, price))
    session.add_all(accruals)
    _book(session, order, costs, accruals, actor)
    events.record(
        order,
        "revenue.recognised",
        actor=actor,
        base_fen=price,
        subsidy_fen=order.subsidy_fen,
        commission_fen=sum(accrual.commission_fen for accrual in accruals),
    )
    refunds.refund_surplus(session, order, reason="overpaid", actor=actor)
    return accruals


def _bases(session: Session, order: Order, price_fen: int) -> dict[int, int]:
    """Worker -> fen; together they are the price.

    The fee of a visit that did not take place is shared evenly by who would have come, as it was
    when it was called off. The rest is split by the planned length of what each has served.
    """
    bases: defaultdict[int, int] = defaultdict(int)
    left = price_fen
    for fee_fen, workers in _fees(session, order):
        fee = min(fee_fen, left)
        left -= fee
        _add(bases, workers, split(fee, [1] * len(workers)))
    seconds = _served_seconds(session, order)
    workers = sorted(seconds)
    _add(bases, workers, split(left, [seconds[worker_id] for worker_id in workers]))
    return dict(bases)


def _add(bases: defaultdict[int, int], workers: list[int], parts: list[int]) -> None:
    for worker_id, part in zip(workers, parts, strict=True):
        bases[worker_id] += part


def _fees(session: Session, order: Order) -> list[tuple[int, list[int]]]:
    """Of each visit that is charged although it did not take place: the fee, and its crew then."""
    fee = Visit.charged_fen + sa.func.coalesce(Visit.charged_subsidy_fen, 0)
    rows = session.execute(
        sa.select(Visit.id, fee, Assignment.worker_id)
        .join(Assignment, Assignment.visit_id == Visit.id)
        .where(
            Visit.order_id == order.id,
            Visit.status.in_(UNSERVED),
            fee > 0,
            Assignment.ended_reason.in_(CALLED_OFF),
        )
        .order_by(Visit.sequence, Assignment.worker_id)
    )
    found: dict[int, tuple[int, list[int]]] = {}
    for visit_id, fee_fen, worker_id in rows:
        found.setdefault(visit_id, (fee_fen, []))[1].append(worker_id)
    return list(found.values())


def _accruals(order: Order, bases: Mapping[int, int]) -> list[Accrual]:
    """Each part's commission is rounded for itself, so that every line of a statement can be
    worked out again from its own base and rate, and leaves nobody with less than nothing.
    """
    earned_on = clock.city_date(order.completed_at or clock.now())
    commissions = {key: share(base, order.commission_bp) for key, base in bases.items()}
    return [
        Accrual(
            order_id=order.id,
            worker_id=worker_id,
            earned_on=earned_on,
            release_on=_release_on(order, earned_on),
            base_fen=base,
            commission_bp=order.commission_bp,
            commission_fen=commissions[worker_id],
            worker_fen=base - commissions[worker_id],
        )
        for worker_id, base in sorted(bases.items())
    ]


def _release_on(order: Order, earned_on: date) -> date:
    return earned_on + timedelta(days=order.rules["settlement.hold_days"])


def _served_seconds(session: Session, order: Order) -> dict[int, int]:
    """Planned length of the visits that each crew member served."""
    rows = session.execute(
        sa.select(Assignment.worker_id, Visit.planned_start, Visit.planned_end)
        .join(Visit, Visit.id == Assignment.visit_id)
        .where(
            Assignment.order_id == order.id,
            Assignment.status != AssignmentStatus.ENDED.value,
            Visit.status.not_in(UNSERVED),
        )
    )
    seconds: defaultdict[int, int] = defaultdict(int)
    for worker_id, start, end in rows:
        seconds[worker_id] += int((end - start).total_seconds())
    if not seconds:
        raise LookupError(f"Nobody served order {order.number}")
    return seconds


def _book(
    session: Session, order: Order, costs_fen: int, accruals: list[Accrual], actor: Actor
) -> None:
    """`costs_fen`: without what the coupon bears."""
    prepaid = min(costs_fen, sums.prepaid_of(session, order.id))
    commission = sum(accrual.commission_fen for accrual in accruals)
    ledger.post(
        f"revenue:{order.id}",
        "revenue",
        [
            Line(PREPAYMENTS, prepaid),
            Line(RECEIVABLES, costs_fen - prepaid),
            Line(COUPONS, order.subsidy_fen),
            Line(COMMISSION, -commission),
            *(
                Line(WORKER_FROZEN, -accrual.worker_fen, "worker", accrual.worker_id)
                for accrual in accruals
            ),
        ],
        source_kind="order",
        source_id=order.id,
        order_id=order.id,
        actor=actor,
    )
