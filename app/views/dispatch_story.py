"""A search for workers in words: why this one, and why not the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Candidate, DispatchRun, Offer, Order
from app.views.labels import word
from app.views.labels_reasons import BROKEN_RULE, SCORE_TERM

MOST_RUNS = 20


@dataclass(frozen=True)
class Term:
    label: str
    points: int
    most: int


@dataclass(frozen=True)
class CandidateRow:
    """A worker in a search. `terms` add up to `score`; `broken` says what kept her out."""

    worker: Any
    rank: int
    score: int | None
    chosen: bool
    terms: list[Term]
    broken: list[str]


def candidate_rows(candidates: Iterable[Candidate]) -> list[CandidateRow]:
    return [_row(candidate) for candidate in candidates]


def _row(candidate: Candidate) -> CandidateRow:
    weights = candidate.run.weights
    total = sum(weights.values()) or 1
    terms = [
        Term(word(SCORE_TERM, name), points, round(1000 * weights.get(name, 0) / total))
        for name, points in (candidate.terms or {}).items()
    ]
    broken = [word(BROKEN_RULE, code) for code in candidate.broken]
    return CandidateRow(
        candidate.worker, candidate.rank, candidate.score, candidate.chosen, terms, broken
    )


def counted_rules(run: DispatchRun) -> list[tuple[str, int]]:
    """How many workers broke each rule, the commonest first."""
    counts = sorted((run.broken_counts or {}).items(), key=lambda item: (-item[1], item[0]))
    return [(word(BROKEN_RULE, code), count) for code, count in counts]


@dataclass(frozen=True)
class RunTold:
    run: DispatchRun
    candidates: list[CandidateRow]
    counted: list[tuple[str, int]]


def runs_of(order: Order) -> list[RunTold]:
    """The searches for this order, the newest first."""
    newest = (
        sa.select(DispatchRun.id)
        .where(DispatchRun.order_id == order.id)
        .order_by(DispatchRun.id.desc())
        .limit(MOST_RUNS)
    )
    query = (
        sa.select(DispatchRun)
        .options(joinedload(DispatchRun.candidates).joinedload(Candidate.worker))
        .where(DispatchRun.id.in_(newest))
        .order_by(DispatchRun.id.desc())
    )
    runs = db.session.scalars(query).unique()
    return [RunTold(run, candidate_rows(run.candidates), counted_rules(run)) for run in runs]


def offers_of(order: Order) -> Sequence[Offer]:
    query = sa.select(Offer).options(joinedload(Offer.worker)).filter_by(order_id=order.id)
    return db.session.scalars(query.order_by(Offer.id.desc())).all()
