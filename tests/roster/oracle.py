"""Free time by brute force: every worker, every start, every claim, read row by row.

Written apart from app.domain and app.services.roster, so that both can be held to each other.
"""

import functools
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.extensions import db
from app.models import (
    BlockedPair,
    Holiday,
    Shift,
    SlotHold,
    Worker,
    WorkerArea,
    WorkerBusy,
    WorkerDocument,
    WorkerSkill,
)
from app.services.system import parameters

CITY = ZoneInfo("Asia/Shanghai")
STANDING = ["area_not_served", "too_far", "skill_missing", "skill_level", "document_invalid",
            "blocked_pair"]  # fmt: skip
EXPLAINED = ["off_shift", "daily_cap", "time_taken", "travel_too_long", "time_held"]
HOURLY = ["off_shift", "time_taken", "travel_too_long", "daily_cap", "time_held"]


def minutes(number):
    return timedelta(minutes=number)


def every_start(quote, first, last, now):
    """Day by day the starts that the house allows."""
    rest = dict(db.session.execute(sa.select(Holiday.day, Holiday.kind)).tuples().all())
    opens, closes = quote.content.get("hours") or (480, 1200)
    found = {}
    day = first
    while day <= last:
        kind = rest.get(day, "working")
        midnight = datetime(day.year, day.month, day.day, tzinfo=CITY)
        at = [midnight + minutes(n) for n in range(opens, closes - quote.minutes + 1, STEP())]
        soonest = now + minutes(parameters.get("booking.lead_minutes"))
        closed = kind == "rest" or (day - now.astimezone(CITY).date()).days > 30
        found[day] = [] if closed else [t.astimezone(UTC) for t in at if t >= soonest]
        day += timedelta(days=1)
    return found


def STEP():
    return parameters.get("booking.step_minutes")


def answers(quote, starts, now, only=None):
    """By start (number of workers, reason): the reason is empty when the crew is complete.

    `only` must be one of the crew.
    """
    rows.cache_clear()
    return {start: _answer(quote, start, now, only) for start in starts}


def _answer(quote, start, now, only):
    crew = quote.content["crew_size"]
    if only is None:
        return _counted(quote, start, now, crew)
    alone = _counted(quote, start, now, 1, only)
    return alone if alone[1] or crew == 1 else _counted(quote, start, now, crew)


def _counted(quote, start, now, crew, only=None):
    visits = [start + timedelta(days=n) for n in range(quote.content.get("days", 1))]
    workers = rows(Worker, status="approved")
    standing: Counter[str] = Counter()
    hourly: Counter[str] = Counter()
    free = 0
    for worker in workers:
        if only is not None and worker.id != only:
            continue
        broken = _standing(worker, quote, visits)
        if broken:
            standing[broken] += 1
            continue
        broken = _hourly(worker, quote, visits, now)
        free += not broken
        hourly[broken or "free"] += 1
    if free >= crew:
        return free, ""
    able = sum(hourly.values())
    if able >= crew:
        return free, next(rule for n, rule in enumerate(EXPLAINED, 1)
                          if able - sum(hourly[one] for one in EXPLAINED[:n]) < crew)  # fmt: skip
    left = able + sum(standing.values())
    for rule in STANDING:
        left -= standing[rule]
        if standing[rule] and left < crew:
            return free, "no_worker" if rule == "blocked_pair" else rule
    return free, "no_worker"


def _standing(worker, quote, visits):
    days = [visit.astimezone(CITY).date() for visit in visits]
    if not rows(WorkerArea, worker_id=worker.id, area_id=quote.area_id):
        return "area_not_served"
    home, address = (worker.home_lat, worker.home_lng), place_of(quote)
    if metres(home, address) > (worker.radius_km or 12) * 1000:
        return "too_far"
    found = set()
    for skill_id, level in quote.content["skills"].items():
        held = rows(WorkerSkill, worker_id=worker.id, skill_id=int(skill_id))
        good = held and all(
            held[0].valid_from <= day and (held[0].valid_to is None or day <= held[0].valid_to)
            for day in days
        )
        found |= {"skill_missing"} if not good else set()
        found |= {"skill_level"} if good and held[0].level < level else set()
    if found:
        return min(found, key=STANDING.index)
    for kind in ("id_card", "health"):
        papers = rows(WorkerDocument, worker_id=worker.id, kind=kind, status="approved")
        if not papers or papers[0].valid_to < max(days):
            return "document_invalid"
    pair = rows(BlockedPair, worker_id=worker.id, customer_id=quote.customer_id)
    return "blocked_pair" if pair else ""


def _hourly(worker, quote, visits, now):
    taken = [row for row in rows(WorkerBusy, worker_id=worker.id) if not _is_over(row, now)]
    settled = [row for row in taken if row.kind != "hold"]
    broken = [_rule(worker, quote, visit, taken) for visit in visits]
    if not any(broken):
        return ""
    if len(settled) < len(taken) and not any(_rule(worker, quote, v, settled) for v in visits):
        return "time_held"
    return min((rule for rule in broken if rule), key=HOURLY.index)


def _is_over(row, now):
    if row.kind != "hold":
        return False
    hold = db.session.get(SlotHold, int(row.owner.split(":")[1]))
    return hold is not None and hold.status == "live" and hold.expires_at <= now


def _rule(worker, quote, start, taken):
    """The first rule that one visit would break."""
    content, address = quote.content, place_of(quote)
    end = start + minutes(quote.minutes)
    way = travel((worker.home_lat, worker.home_lng), address)
    on_shift = False
    for shift in rows(Shift, worker_id=worker.id):
        on_shift |= shift.starts_at + way <= start and end + way <= shift.ends_at
    if not on_shift:
        return "off_shift"
    first = start - minutes(content["buffer_before_minutes"])
    last = end + minutes(content["buffer_after_minutes"])
    if any(row.start_at < last and first < row.end_at for row in taken):
        return "time_taken"
    for row in taken:
        if row.lat is not None:
            way = travel((row.lat, row.lng), address)
            if row.visit_end_at + way > start and end + way > row.visit_start_at:
                return "travel_too_long"
    day = start.astimezone(CITY).date()
    visits = {
        row.owner
        for row in taken
        if row.kind in ("hold", "visit") and row.visit_start_at.astimezone(CITY).date() == day
    }
    return "daily_cap" if len(visits) >= worker.daily_cap else ""


@functools.cache
def rows(model, **where):
    """Rows with these values. Read once for all starts: a world has some forty."""
    return db.session.scalars(sa.select(model).filter_by(**where)).all()


def place_of(quote):
    return quote.address.lat, quote.address.lng


def travel(here, there):
    if here == there:
        return timedelta()
    seconds = math.ceil(metres(here, there) * 140 / 100 * 3.6 / 18)
    return timedelta(seconds=max(seconds, 8 * 60))


def metres(here, there):
    lat, lng = (math.radians(b - a) for a, b in zip(here, there, strict=True))
    flat = math.cos(math.radians(here[0])) * math.cos(math.radians(there[0]))
    chord = math.sin(lat / 2) ** 2 + flat * math.sin(lng / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(chord))
