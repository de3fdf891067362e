"""What customers see of workers before they book: who can do a service at an address.

Never a phone or a home; the whole name only when the company says so (workers.full_names).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.domain.errors import NotFound
from app.domain.states import WorkerStatus
from app.extensions import db
from app.models import (
    Address,
    BlockedPair,
    Experience,
    Favourite,
    Service,
    SkillRequirement,
    Worker,
    WorkerArea,
    WorkerSkill,
)
from app.services import clock
from app.services.orders.quotes import served_area
from app.services.system import parameters

DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Profile:
    """`years` of work, before the company and in it; `skills` are those that hold today."""

    worker: Worker
    name: str
    years: int
    skills: list[WorkerSkill]
    favourite: bool


def shown_to(
    customer_id: int, *, service: str | None = None, address_id: int | None = None
) -> sa.Select[tuple[Worker]]:
    """Workers who may be sent to this customer; for a service, and at an address of his.

    Raises NotFound, RuleViolation (area_not_served). Whether they are free, the free times tell.
    """
    apart = sa.select(BlockedPair.worker_id).filter_by(customer_id=customer_id)
    found = sa.select(Worker).where(
        Worker.status == WorkerStatus.APPROVED.value, Worker.id.not_in(apart)
    )
    if service is not None:
        found = found.where(~_missing(_published(service)).exists())
    if address_id is not None:
        served = sa.select(WorkerArea.worker_id).filter_by(
            area_id=_area_of(customer_id, address_id)
        )
        found = found.where(Worker.id.in_(served))
    return found


def profiles(customer_id: int, workers: Sequence[Worker]) -> list[Profile]:
    """The same for one worker and for many: three statements."""
    ids = [worker.id for worker in workers]
    skills = sa.select(WorkerSkill).where(WorkerSkill.worker_id.in_(ids), *_holds_today())
    held: dict[int, list[WorkerSkill]] = {}
    for one in db.session.scalars(
        skills.options(joinedload(WorkerSkill.skill)).order_by(WorkerSkill.id)
    ):
        held.setdefault(one.worker_id, []).append(one)
    first = sa.select(Experience.worker_id, sa.func.min(Experience.started_on))
    earlier = first.where(Experience.worker_id.in_(ids)).group_by(Experience.worker_id)
    since = dict(db.session.execute(earlier).tuples().all())
    liked = set(
        db.session.scalars(
            sa.select(Favourite.worker_id).where(
                Favourite.customer_id == customer_id, Favourite.worker_id.in_(ids)
            )
        )
    )
    return [
        Profile(
            worker=worker,
            name=_shown_name(worker.name),
            years=_years(worker, since.get(worker.id)),
            skills=held.get(worker.id, []),
            favourite=worker.id in liked,
        )
        for worker in workers
    ]


def profile(customer_id: int, number: str) -> Profile:
    """Raises NotFound."""
    return profiles(customer_id, [worker_shown(customer_id, number)])[0]


def some_shown(customer_id: int, ids: Sequence[int]) -> dict[int, Profile]:
    """By key; without those who do not work here any more or do not meet this customer."""
    workers = db.session.scalars(shown_to(customer_id).where(Worker.id.in_(ids))).all()
    return {one.worker.id: one for one in profiles(customer_id, workers)}


def worker_shown(customer_id: int, number: str) -> Worker:
    """Raises NotFound, also for somebody who does not meet this customer."""
    worker = db.session.scalar(shown_to(customer_id).where(Worker.number == number))
    if worker is None:
        raise NotFound(_l("This worker does not exist"), worker=number)
    return worker


def _shown_name(name: str) -> str:
    """王小明 -> 王**."""
    if parameters.get("workers.full_names"):
        return name
    return name[:1] + "*" * min(len(name) - 1, 2)


def _years(worker: Worker, since: Any) -> int:
    begun = min(day for day in (since, clock.city_date(worker.created_at)) if day is not None)
    return int(max((clock.today() - begun).days, 0) // DAYS_A_YEAR)


def _missing(service: Service) -> sa.Select[Any]:
    """A skill that the service needs and the worker does not hold today."""
    held = (
        sa.select(WorkerSkill.id)
        .where(
            WorkerSkill.worker_id == Worker.id,
            WorkerSkill.skill_id == SkillRequirement.skill_id,
            WorkerSkill.level >= SkillRequirement.level,
            *_holds_today(),
        )
        .correlate(Worker, SkillRequirement)
    )
    return sa.select(SkillRequirement.id).where(
        SkillRequirement.service_id == service.id, ~held.exists()
    )


def _holds_today() -> tuple[sa.ColumnElement[bool], ...]:
    today = clock.today()
    return (
        WorkerSkill.valid_from <= today,
        sa.or_(WorkerSkill.valid_to.is_(None), WorkerSkill.valid_to >= today),
    )


def _published(code: str) -> Service:
    service = db.session.scalar(sa.select(Service).filter_by(code=code, published=True))
    if service is None:
        raise NotFound(_l("This service is not offered"), service=code)
    return service


def _area_of(customer_id: int, address_id: int) -> int:
    mine = sa.select(Address).filter_by(id=address_id, customer_id=customer_id, archived=False)
    address = db.session.scalar(mine)
    if address is None:
        raise NotFound(_l("This address does not exist"), field="address_id")
    return served_area(address.region_id).id
