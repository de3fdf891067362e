"""What each visit of an order costs: together, its price, of which the company may bear a part."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.money import share, split
from app.domain.states import AddOnStatus
from app.extensions import db
from app.models import AddOn, Order, Visit
from app.services.money import refunds, sums


def values(order: Order) -> dict[int, int]:
    """Visit -> fen. The price is spread evenly over the visits, which were ordered for the same
    time each; additions stay with the visit that they were agreed at, and so does what a visit was
    charged that ended early.
    """
    visits = _visits(order)
    fixed = {visit.id: visit.charged_fen for visit in visits if visit.charged_fen is not None}
    spread = [visit for visit in visits if visit.id not in fixed]
    more = _additions(order, [visit.id for visit in spread])
    price = order.due_fen + sums.compensated_of(db.session(), order.id)
    parts = _spread(price - sum(more.values()), fixed, spread)
    return parts | {visit.id: parts[visit.id] + more.get(visit.id, 0) for visit in spread}


def subsidies(order: Order) -> dict[int, int]:
    """Visit -> fen of what the coupon bears beside its price, spread in the same way."""
    visits = _visits(order)
    fixed = {v.id: v.charged_subsidy_fen or 0 for v in visits if v.charged_fen is not None}
    return _spread(order.subsidy_fen, fixed, [visit for visit in visits if visit.id not in fixed])


def _visits(order: Order) -> Sequence[Visit]:
    query = sa.select(Visit).filter_by(order_id=order.id).order_by(Visit.sequence)
    return db.session.scalars(query).all()


def _spread(amount_fen: int, fixed: Mapping[int, int], rest: Sequence[Visit]) -> dict[int, int]:
    """What some visits have, and what is left of the amount evenly over the rest."""
    if not rest:
        return dict(fixed)
    even = split(max(amount_fen - sum(fixed.values()), 0), [1] * len(rest))
    return {**fixed, **dict(zip([visit.id for visit in rest], even, strict=True))}


def charge(order: Order, visits: Collection[Visit], rate_bp: int, *, actor: Actor) -> None:
    """These visits end early and cost that part of what they would have; so much less is due.

    What the company bears of the price it bears of what is left, of its coupon the same part.
    The order's row is locked.
    """
    worth, borne_by_coupon = values(order), subsidies(order)
    for visit in visits:
        visit.charged_fen = worth[visit.id] = share(worth[visit.id], rate_bp)
        part = share(borne_by_coupon[visit.id], rate_bp)
        visit.charged_subsidy_fen = borne_by_coupon[visit.id] = part
    order.subsidy_fen = sum(borne_by_coupon.values())
    price = sum(worth.values())
    db.session.flush()
    borne = refunds.fold_compensation(db.session(), order, price, actor=actor)
    order.due_fen = price - borne
    db.session.flush()


def charged_before(order: Order) -> int:
    """What visits are charged that ended early, in fen."""
    if order.visit_count == 1:
        return 0
    query = sa.select(sa.func.sum(Visit.charged_fen)).filter_by(order_id=order.id)
    return int(db.session.scalar(query) or 0)


def _additions(order: Order, visits: Collection[int]) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(AddOn.visit_id, sa.func.sum(AddOn.amount_fen))
        .where(
            AddOn.order_id == order.id, AddOn.visit_id.in_(visits),
            AddOn.status == AddOnStatus.APPROVED.value,
        )
        .group_by(AddOn.visit_id)
    )  # fmt: skip
    return {visit_id: int(fen) for visit_id, fen in rows}
