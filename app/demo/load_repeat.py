"""Makes a long past out of a short one: finished orders of a played day happen again on another.

Playing every order of three months through the services takes minutes. So some days are played,
and their orders are copied, whole and row by row, to later days on which the same workers are on
shift and free. Ids, numbers, days and balances are new; all else is what the services wrote, and
a table or column that they learn to write tomorrow is copied, too, once it is listed here.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import models as m
from app.demo.load_copy import DayCopy, DayOfOrders, order_of, read_day
from app.demo.load_orders import Cast
from app.domain.actors import SYSTEM
from app.domain.states import AssignmentStatus
from app.services import audit
from app.services.transactions import transaction


class Repeater:
    """Copies played days. `days` are those whose orders are all finished when it is used."""

    def __init__(self, cast: Cast, rng: random.Random, days: Sequence[date]) -> None:
        self._joined = {h.customer_id: h.joined_on for h in cast.households}
        self._rng = rng
        self._days = list(days)
        self._read: dict[date, DayOfOrders] = {}

    def repeat(self, on: date) -> None:
        """Let some played day happen on another day."""
        day = self._model()
        delta = on - day.on
        with transaction(SYSTEM) as session:
            keep = self._possible(session, day, on, delta)
            DayCopy(session, day, delta, keep).run()
            told = {"orders": len(keep), "copied_from": day.on.isoformat()}
            audit.record("load", "customer_order", on.isoformat(), told, actor=SYSTEM)

    def _model(self) -> DayOfOrders:
        on = self._rng.choice(self._days)
        if on not in self._read:
            self._read[on] = read_day(on)
        return self._read[on]

    def _possible(self, session: Session, day: DayOfOrders, on: date, delta: timedelta) -> set[int]:
        """Orders whose workers are on shift and free, and whose customers have joined by then."""
        on_shift = set(session.scalars(sa.select(m.Shift.worker_id).filter_by(service_on=on)))
        crews = _crews(day)
        kept = set()
        for order in day.rows["customer_order"]:
            booked_on = (order["created_at"] + delta).date()
            crew = crews[order["id"]]
            if self._joined[order["customer_id"]] < booked_on and crew <= on_shift:
                kept.add(order["id"])
        return kept - _in_the_way(session, day, delta)


def _crews(day: DayOfOrders) -> dict[int, set[int]]:
    crews: dict[int, set[int]] = defaultdict(set)
    for place in day.rows["assignment"]:
        if place["status"] != AssignmentStatus.ENDED.value:
            crews[place["order_id"]].add(place["worker_id"])
    return crews


def _in_the_way(session: Session, day: DayOfOrders, delta: timedelta) -> set[int]:
    """Orders whose claims would meet somebody's leave."""
    claims = day.rows["worker_busy"]
    if not claims:
        return set()
    span = sa.and_(
        m.WorkerBusy.end_at > min(c["start_at"] for c in claims) + delta,
        m.WorkerBusy.start_at < max(c["end_at"] for c in claims) + delta,
    )
    standing = session.scalars(sa.select(m.WorkerBusy).where(span)).all()
    return {
        order_of(claim)
        for claim in claims
        for taken in standing
        if claim["worker_id"] == taken.worker_id
        and claim["start_at"] + delta < taken.end_at
        and taken.start_at < claim["end_at"] + delta
    }
