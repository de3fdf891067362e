"""Finding workers for an order: hard rules, then the score, with a reason for every verdict."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.domain import scoring
from app.domain.eligibility import WantedVisit, WorkerFacts, broken_rules
from app.domain.geo import distance_m
from app.domain.states import AssignmentStatus, HoldStatus, OfferStatus
from app.extensions import db
from app.models import (
    Assignment,
    Candidate,
    DispatchRun,
    Offer,
    Order,
    OrderEvent,
    PlanOccurrence,
    SlotHold,
    Visit,
)
from app.services.dispatch import policies
from app.services.orders import events
from app.services.roster import claims, workforce

# Of workers who may not come, only the nearest are kept by name; all are counted by rule.
KEPT_REFUSED = 30
KEPT_FIT = 50
SPARE_CANDIDATES = 5
REFUSING = (OfferStatus.REJECTED.value, OfferStatus.EXPIRED.value)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about one worker: the rules broken, or the terms of the score."""

    worker: WorkerFacts
    broken: list[str]
    terms: dict[str, int]
    distance_m: float

    @property
    def score(self) -> int:
        return sum(self.terms.values())


def judge(
    order: Order, visits: Sequence[Visit] | None = None, *, ignoring_refusals: bool = False
) -> list[Verdict]:
    """Every approved worker of the branch, best first, those who may not come last.

    For these `visits`, or all that are ahead.
    """
    wanted = workforce.wanted_by(order, visits)
    travel = workforce.travel_model()
    weights = policies.of_branch(order.branch_id).weights
    refused = set() if ignoring_refusals else refused_by(order.id)
    known, wished = _served_before(order.customer_id), _wished(order)
    verdicts = []
    for worker in workforce.workers_of(order.branch_id, wanted.service_on, wanted.last_on):
        broken = broken_rules(worker, wanted, travel, refused)
        away = distance_m(worker.home, wanted.place)
        merits = _merits(worker, wanted, away, worker.id in known)
        terms = {} if broken else scoring.terms(merits, weights)
        verdicts.append(Verdict(worker, broken, terms, away))
    return sorted(verdicts, key=lambda v: _rank(v, wished))


def best(order: Order, visits: Sequence[Visit] | None, most: int) -> list[Verdict]:
    """Who may be sent now, best first, but for whoever has the order already.

    A person who decides may ask again who refused: he has talked to her.
    """
    verdicts = judge(order, visits, ignoring_refusals=True)
    fit = [v for v in verdicts if not v.broken and v.worker.id != order.lead_worker_id]
    return fit[:most]


def _rank(verdict: Verdict, wished: int | None) -> tuple[bool, bool, int, float, int]:
    """Whoever may come before who may not, who was asked for before the best."""
    worker_id = verdict.worker.id
    return (
        bool(verdict.broken), worker_id != wished, -verdict.score, verdict.distance_m, worker_id,
    )  # fmt: skip


def _wished(order: Order) -> int | None:
    """Who was asked for: with the date of a plan, or with the time that became this order."""
    dates = sa.select(PlanOccurrence.worker_id).filter_by(order_id=order.id)
    held = sa.select(SlotHold.wished_worker_id).where(
        SlotHold.quote_id == order.quote_id, SlotHold.status == HoldStatus.TAKEN.value
    )
    wished = db.session.scalars(sa.union_all(dates, held)).all()
    return next((worker_id for worker_id in wished if worker_id is not None), None)


def keep(order: Order, verdicts: list[Verdict], chosen: Collection[int], reason: str) -> int:
    """Store the run so that "why this one" and "why not her" have an answer; returns its id."""
    run = DispatchRun(
        order_id=order.id,
        round=order.dispatch_round,
        outcome="offered" if chosen else "nobody",
        reason=reason,
        weights=dict(policies.of_branch(order.branch_id).weights),
        broken_counts=dict(Counter(v.broken[0] for v in verdicts if v.broken)),
    )
    db.session.add(run)
    db.session.flush()
    fit = [verdict for verdict in verdicts if not verdict.broken][:KEPT_FIT]
    unfit = [verdict for verdict in verdicts if verdict.broken]
    nearest = sorted(unfit, key=lambda v: (len(v.broken), v.distance_m, v.worker.id))
    rows = [
        {
            "run_id": run.id,
            "worker_id": verdict.worker.id,
            "rank": rank,
            "broken": verdict.broken,
            "terms": verdict.terms,
            "score": None if verdict.broken else verdict.score,
            "chosen": verdict.worker.id in chosen,
        }
        for rank, verdict in enumerate([*fit, *nearest[:KEPT_REFUSED]], 1)
    ]
    if rows:
        db.session.execute(sa.insert(Candidate), rows)
    return run.id


def why_nobody(verdicts: list[Verdict]) -> str:
    """The rule that keeps most of the workers away."""
    counts = Counter(verdict.broken[0] for verdict in verdicts if verdict.broken)
    return counts.most_common(1)[0][0] if counts else "no_worker"


def lock_free_crew(
    order: Order,
    size: int,
    but_not: Iterable[int] = (),
    visits: Sequence[Visit] | None = None,
) -> list[int] | None:
    """Lock the best workers and return `size` of them that are free for certain, or None."""
    excluded = set(but_not)
    likely = [
        verdict.worker.id
        for verdict in judge(order, visits)
        if not verdict.broken and verdict.worker.id not in excluded
    ][: size + SPARE_CANDIDATES]
    claims.lock_workers(likely)
    verdicts = claims.still_free(order.branch_id, likely, workforce.wanted_by(order, visits))
    free = [worker_id for worker_id in likely if verdicts.get(worker_id) == []]
    return free[:size] if len(free) >= size else None


def refused_by(order_id: int) -> set[int]:
    """Workers who rejected this order at its present time, or did not keep it at any."""
    told = sa.select(OrderEvent.at).where(
        OrderEvent.order_id == order_id, OrderEvent.kind.in_(events.NEW_TIME)
    )
    since = told.order_by(OrderEvent.id.desc()).limit(1).scalar_subquery()
    offered = sa.select(Offer.worker_id).where(
        Offer.order_id == order_id, Offer.status.in_(REFUSING),
        sa.or_(since.is_(None), Offer.created_at >= since),
    )  # fmt: skip
    left = sa.select(Assignment.worker_id).filter_by(order_id=order_id, fault="worker")
    return set(db.session.scalars(sa.union(offered, left)))


def _served_before(customer_id: int) -> set[int]:
    query = (
        sa.select(Assignment.worker_id)
        .join(Order, Order.id == Assignment.order_id)
        .where(Order.customer_id == customer_id, Assignment.status == AssignmentStatus.DONE.value)
        .distinct()
    )
    return set(db.session.scalars(query))


def _merits(
    worker: WorkerFacts, wanted: WantedVisit, away: float, served_before: bool
) -> scoring.Merits:
    surplus = [
        held.level - level
        for skill_id, level in wanted.skills.items()
        if (held := worker.skills.get(skill_id))
    ]
    visits = {
        taken.owner
        for taken in worker.taken
        if taken.is_visit
        and taken.owner != wanted.owner
        and wanted.day.start <= taken.visit_start < wanted.day.end
    }
    return scoring.Merits(
        distance_m=away,
        radius_m=worker.radius_km * 1000,
        surplus_levels=max(sum(surplus), 0),
        rating_sum=worker.rating_sum,
        rating_count=worker.rating_count,
        visits_on_day=len(visits),
        daily_cap=worker.daily_cap,
        served_before=served_before,
    )
