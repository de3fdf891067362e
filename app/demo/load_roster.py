"""Loads shifts and leave: plausible patterns, with days off that move through the week."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Literal

import sqlalchemy as sa

from app.demo.load_stage import Action, Stage
from app.demo.load_workers import Colleague
from app.domain.actors import Actor
from app.extensions import db
from app.models import Shift
from app.services import audit, clock
from app.services.roster import leave
from app.services.transactions import transaction

Hours = tuple[time, time]

EARLY: Hours = (time(7), time(17, 30))
LATE: Hours = (time(9, 30), time(20))
LONG: Hours = (time(7, 30), time(20))
CARE: Hours = (time(6, 30), time(20, 30))
NIGHT: Hours = (time(18, 30), time(9, 30))
NIGHT_KEEPERS, CARERS_BY_DAY = 2, 2  # at most; and so many remain
# The trades whose visits fill a day need the whole day, the way there and back included.
WHOLE_DAY = ("nanny", "maternity", "carer")
ASKED_BEFORE_DAYS = 20
LEAVE_REASONS = ("回老家办事", "孩子开家长会", "身体检查", "家里装修", "亲戚结婚")
Answer = Literal["approve", "refuse", "cancel", "none"]


@dataclass(frozen=True, slots=True)
class Absence:
    """Leave as it will be asked for and answered; `starts_on` counts days from today."""

    starts_on: int
    days: int
    answer: Answer


ABSENCES = (
    Absence(-61, 3, "approve"),
    Absence(-40, 1, "refuse"),
    Absence(-33, 2, "approve"),
    Absence(-15, 5, "approve"),
    Absence(-3, 1, "refuse"),
    Absence(1, 2, "approve"),
    Absence(6, 3, "approve"),
    Absence(9, 1, "none"),
    Absence(12, 2, "none"),
    Absence(11, 1, "cancel"),
)


def load_shifts(colleagues: list[Colleague], first: date, last: date, actor: Actor) -> int:
    """Write the shifts of all days; returns how many. One audit row tells of all."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    nights = {keeper.worker_id for keeper in night_keepers(colleagues)}
    rows = [
        _shift(colleague, day, NIGHT if colleague.worker_id in nights else hours)
        for index, colleague in enumerate(colleagues)
        for day in days
        if (hours := _hours(index, colleague.made.profile, day))
    ]
    with transaction(actor) as session:
        session.execute(sa.insert(Shift), rows)
        audit.record("load", "shift", "*", {"rows": len(rows)}, actor=actor)
    return len(rows)


def night_keepers(colleagues: list[Colleague]) -> list[Colleague]:
    """Carers who work by night, in a company that has enough of them."""
    carers = [one for one in colleagues if one.made.profile == "carer"]
    return carers[CARERS_BY_DAY:][:NIGHT_KEEPERS]


def plan_leave(
    stage: Stage, colleagues: list[Colleague], today: date, first: date, staff: Actor
) -> None:
    """Put every absence on the stage: asked three weeks ahead, before anybody books that day."""
    absent = stage.rng("leave").sample(colleagues, k=min(len(ABSENCES), len(colleagues)))
    for colleague, absence in zip(absent, ABSENCES, strict=False):
        starts_on = today + timedelta(days=absence.starts_on)
        if starts_on > first:
            asked = _at(starts_on - timedelta(days=ASKED_BEFORE_DAYS), time(11))
            # In the first night nobody has booked yet, either.
            asked = max(asked, _at(first, time(0, 30)))
            actor = Actor("worker", colleague.worker_id)
            stage.at(asked, _asking(stage, colleague, absence, starts_on, staff), actor)


def _asking(
    stage: Stage, colleague: Colleague, absence: Absence, starts_on: date, staff: Actor
) -> Action:
    actor = Actor("worker", colleague.worker_id)

    def ask() -> None:
        asked = leave.ask(
            colleague.worker_id,
            _at(starts_on, time.min),
            _at(starts_on + timedelta(days=absence.days), time.min),
            stage.rng(f"leave/{colleague.worker_id}").choice(LEAVE_REASONS),
            actor=actor,
        )
        db.session.flush()  # inside the stage's transaction nobody has given it an id yet
        if absence.answer == "cancel":
            stage.after(timedelta(hours=5), partial(leave.cancel, asked.id, actor=actor), actor)
        elif absence.answer != "none":
            answer = leave.approve if absence.answer == "approve" else leave.refuse
            stage.after(timedelta(hours=3), partial(answer, asked.id, actor=staff), staff)

    return ask


def _hours(index: int, profile: str, day: date) -> Hours | None:
    """Two days off in seven, which move through the weeks; everybody keeps her own hours.

    Who cares for a mother and her child comes every day, and rests between two of them.
    """
    turn = (day.toordinal() + day.toordinal() // 28 + index * 3) % 7
    if turn in (0, 1) and profile != "maternity":
        return None
    if profile in WHOLE_DAY:
        return CARE
    return (EARLY, LATE, LONG)[index % 3] if profile == "cleaner" else LONG


def _shift(colleague: Colleague, day: date, hours: Hours) -> dict[str, object]:
    return {
        "worker_id": colleague.worker_id,
        "service_on": day,
        "starts_at": _at(day, hours[0]),
        "ends_at": _at(day + timedelta(days=hours[1] < hours[0]), hours[1]),
    }


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, clock.city_zone()).astimezone(UTC)
