"""More time at the door: the visit ends later, unless somebody waits for its crew elsewhere."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.domain import eligibility as rule
from app.domain.eligibility import WantedVisit, WorkerFacts, broken_rules
from app.domain.errors import Conflict
from app.models import Order, Visit
from app.services.dispatch import crew
from app.services.orders import following
from app.services.roster import claims, workforce

# Who offers to stay longer may stay beyond her shift, but not where she is awaited.
IN_THE_WAY = frozenset({rule.BUSY, rule.HELD, rule.TRAVEL})
STEP = 5


def check(order: Order, visit: Visit, minutes: int) -> None:
    """Raise Conflict (next_visit) with how much longer all of the crew could stay, in minutes.

    The order's row is locked; the workers' rows are locked here.
    """
    members = crew.on_visits([visit])
    claims.lock_workers(members)
    day = visit.service_on
    facts = workforce.workers_of(order.branch_id, day, day + timedelta(days=1), only=members)
    fits = _longest(order, visit, facts, minutes)
    if fits < minutes:
        raise Conflict(
            _l(
                "The next visit is waiting: at most %(fits)s minutes can be added", fits=fits
            ),
            code="next_visit", minutes_free=fits,
        )  # fmt: skip


def extend(order: Order, visit: Visit, minutes: int) -> None:
    """The crew stays so much longer, and its time is claimed. Raises Conflict (next_visit)."""
    check(order, visit, minutes)
    wanted = _wanted(order, visit, minutes)
    for worker_id in claims.release(order.owner, visit_starts=[visit.planned_start]):
        claims.claim(worker_id, wanted, "visit")
    visit.planned_end = wanted.end
    following.follow(order)


def _longest(order: Order, visit: Visit, facts: Sequence[WorkerFacts], minutes: int) -> int:
    travel = workforce.travel_model()

    def fits(more: int) -> bool:
        wanted = _wanted(order, visit, more)
        return not any(IN_THE_WAY & set(broken_rules(one, wanted, travel)) for one in facts)

    shorter = range(minutes - 1 - (minutes - 1) % STEP, 0, -STEP)
    return next((more for more in (minutes, *shorter) if fits(more)), 0)


def _wanted(order: Order, visit: Visit, more: int) -> WantedVisit:
    wanted = workforce.wanted_by(order, [visit])
    end = visit.planned_end + timedelta(minutes=more)
    return replace(wanted, start=visit.planned_start, end=end, later=())
