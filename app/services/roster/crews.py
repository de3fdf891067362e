"""Who could take a visit, best first: a short list for whoever then locks and checks exactly."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.eligibility import WantedVisit
from app.domain.geo import Point


@dataclass(frozen=True, slots=True)
class Candidate:
    """A worker who seems free; `busy` is the number of visits on the first day."""

    id: int
    busy: int
    away_m: float


def likely(
    branch_id: int,
    wanted: WantedVisit,
    only: int | None = None,
    *,
    near: Mapping[int, Point] | None = None,
) -> list[Candidate]:
    """Workers who are free for all visits: who has least to do first, then who is nearest.

    `near`: where they are now; only these can come, and from there.
    """
    # Loaded late: most processes that import this module never look for free time.
    from app.services.roster import _judging

    free = _judging.free_for(branch_id, wanted, only, near)
    found = [Candidate(*one) for one in free]
    return sorted(found, key=lambda one: (one.busy, one.away_m, one.id))
