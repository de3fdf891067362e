"""When the house is open for bookings: days, hours, steps, lead time and horizon."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.extensions import db
from app.models import Holiday
from app.services import clock
from app.services.roster import live
from app.services.system import parameters

TOO_SOON = "too_soon"
PAST_HORIZON = "past_horizon"
CLOSED_DAY = "closed_day"
OUTSIDE_HOURS = "outside_hours"
NOT_A_START = "not_a_start"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Minutes after midnight of the first start and the latest end; past midnight counts on.
Hours = tuple[int, int]
_HOLIDAYS = sa.select(Holiday.day, Holiday.kind).where(
    Holiday.day.between(sa.bindparam("first"), sa.bindparam("last"))
)


@dataclass(frozen=True, slots=True)
class House:
    """The rules of the house, read once for some days."""

    hours: Hours
    step: int
    earliest: datetime
    horizon: date
    weekdays: frozenset[str]
    open_on_rest_days: bool
    holidays: Mapping[date, str]
    zone: ZoneInfo

    def is_open(self, day: date) -> bool:
        """A rest day or a worked weekend is not what its weekday says."""
        kind = self.holidays.get(day)
        if kind is None:
            return WEEKDAYS[day.weekday()] in self.weekdays
        return kind == "working" or self.open_on_rest_days

    def starts(self, day: date, minutes: int, hours: Hours | None = None) -> list[datetime]:
        """The starts of visits of this length that can be booked, whoever is free."""
        if day > self.horizon or not self.is_open(day):
            return []
        return [start for start in self.times(day, minutes, hours) if start >= self.earliest]

    def times(self, day: date, minutes: int, hours: Hours | None = None) -> list[datetime]:
        """The starts within the hours of any day: as many on each."""
        opens, closes = hours or self.hours
        midnight = datetime.combine(day, time.min, self.zone)
        ahead = range(opens, closes - minutes + 1, self.step)
        return [(midnight + timedelta(minutes=n)).astimezone(UTC) for n in ahead]

    def instant_starts(self, minutes: int, hours: Hours | None = None) -> list[datetime]:
        """The starts within the next minutes of today, for a visit for now."""
        today = clock.today()
        if not self.is_open(today):
            return []
        midnight = datetime.combine(today, time.min, self.zone)
        opens, closes = (midnight + timedelta(minutes=n) for n in hours or self.hours)
        return live.starts(opens.astimezone(UTC), closes.astimezone(UTC), minutes)

    def why_closed(self, day: date, minutes: int, hours: Hours | None = None) -> str:
        """Why a day has no start at all."""
        if day > self.horizon:
            return PAST_HORIZON
        times = self.times(day, minutes, hours)
        if times and times[-1] < self.earliest:
            return TOO_SOON
        return OUTSIDE_HOURS if self.is_open(day) else CLOSED_DAY

    def why_not(self, start: datetime, minutes: int, hours: Hours | None = None) -> str:
        """Why a start cannot be booked; empty when it can."""
        day = start.astimezone(self.zone).date()
        # What begins after midnight may belong to the hours of the day before.
        days = (day, day - timedelta(days=1))
        if any(start in self.starts(one, minutes, hours) for one in days):
            return ""
        if start < self.earliest:
            return TOO_SOON
        if day > self.horizon or not self.is_open(day):
            return self.why_closed(day, minutes, hours)
        opens, closes = hours or self.hours
        first = datetime.combine(day, time.min, self.zone) + timedelta(minutes=opens)
        last = first + timedelta(minutes=closes - opens - minutes)
        return NOT_A_START if first <= start <= last else OUTSIDE_HOURS


def house(first: date, last: date) -> House:
    """The rules for these days."""
    kept = db.session.execute(_HOLIDAYS, {"first": first, "last": last})
    return House(
        hours=(parameters.get("booking.opens_minute"), parameters.get("booking.closes_minute")),
        step=parameters.get("booking.step_minutes"),
        earliest=clock.now() + timedelta(minutes=parameters.get("booking.lead_minutes")),
        horizon=clock.today() + timedelta(days=parameters.get("booking.horizon_days")),
        weekdays=frozenset(parameters.get("booking.weekdays")),
        open_on_rest_days=parameters.get("booking.rest_days"),
        holidays={row.day: row.kind for row in kept},
        zone=clock.city_zone(),
    )
