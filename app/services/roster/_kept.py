"""Calendars of whole branches, kept in the memory of a process from one question to the next.

Each worker has a stamp that is another one after each change of her shifts and claims, written by
the database in the transaction of the change (models.RosterStamp). Who asks reads the stamps first
and then the calendars of those whose stamp he does not know: what is kept is never older than the
stamp. Nothing is decided by it: claims are checked again under their locks.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from app.domain.eligibility import Interval
from app.domain.free_time import EPOCH, TICK, Calendar
from app.domain.ranks import Array
from app.extensions import db
from app.services import clock
from app.services.roster import _packed
from app.services.roster._packed import People, places

BRANCHES = 16  # the rest are read anew
PASSED = timedelta(days=7)  # after so long the time that has passed is dropped
BEFORE = timedelta(days=3)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
RELOAD_PERCENT = 20  # from so many strangers on all are read, rather than these put between
HOLD = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """Of workers in the order of their keys all claims and shifts that end after `since`.

    The first column of both is the place of the worker, the others are those of app.services.
    roster._packed; rows stand by worker and start.
    """

    since: datetime
    ids: Array
    stamps: Array
    claims: list[Array]
    shifts: list[Array]


_kept: OrderedDict[tuple[str, int], Kept] = OrderedDict()
_changing = threading.Lock()


def calendar(branch_id: int, people: People, able: Array, span: Interval) -> Calendar:
    """The calendar of the workers at the places `able`, in this span."""
    since = clock.start_of(clock.today()) - BEFORE
    if span.start < since:
        return calendar_of_some(people, able, span)
    kept = _brought_up_to_date(branch_id, people, since)
    place = np.full(len(kept.ids), -1)
    place[places(kept.ids, people.ids[able])[0]] = np.arange(len(able))
    return _calendar(people, able, place, kept, span)


def calendar_of_some(people: People, able: Array, span: Interval) -> Calendar:
    """The same, read anew."""
    ids = people.ids[able]
    read = Kept(span.start, ids, ids, *_read(ids, span.start, span.end))
    return _calendar(people, able, np.arange(len(able)), read, span)


def _calendar(people: People, able: Array, place: Array, kept: Kept, span: Interval) -> Calendar:
    first, last = ((instant - EPOCH) // TICK for instant in (span.start, span.end))
    who, owner, start, end, *_more, kind = kept.claims
    count = (place[who] >= 0) & (start < last) & (end > first)
    count &= ~_is_nobodys(people, owner, kind)
    claims = _chosen(kept.claims, count)
    shift_who, opens, closes = kept.shifts
    shifts = _chosen(kept.shifts, (place[shift_who] >= 0) & (opens < last) & (closes > first))
    who, owner, start, end, visit_start, visit_end, lat, lng, kind = claims
    return Calendar(
        home_lat=people.lat[able], home_lng=people.lng[able], daily_cap=people.cap[able],
        shift_worker=place[shifts[0]], shift_start=shifts[1], shift_end=shifts[2],
        worker=place[who], owner=owner, start=start, end=end,
        visit_start=visit_start, visit_end=visit_end, lat=lat, lng=lng,
        is_visit=kind > 0, is_hold=kind == HOLD,
    )  # fmt: skip


def _is_nobodys(people: People, owner: Array, kind: Array) -> Array:
    """Claims of who asks, and of holds that have run out."""
    found = np.zeros(len(owner), dtype=bool)
    for mine in people.own.tolist():
        found |= owner == mine
    holds = (kind == HOLD).nonzero()[0]
    found[holds[np.isin(owner[holds], people.ended)]] = True
    return found


def _chosen(columns: list[Array], which: Array) -> list[Array]:
    if which.all():
        return columns
    rows = which.nonzero()[0]
    return [column[rows] for column in columns]


def _brought_up_to_date(branch_id: int, people: People, since: datetime) -> Kept:
    key = (str(db.engine.url), branch_id)
    kept = _kept.get(key)
    if kept is not None and timedelta(0) <= since - kept.since <= PASSED:
        kept = _renewed(kept, people)
    else:
        kept = _loaded(people, since)
    with _changing:
        _kept[key] = kept
        _kept.move_to_end(key)
        while len(_kept) > BRANCHES:
            _kept.popitem(last=False)
    return kept


def _loaded(people: People, since: datetime) -> Kept:
    return Kept(since, people.ids, people.stamps, *_read(people.ids, since, FOREVER))


def _renewed(kept: Kept, people: People) -> Kept:
    """With the calendars of workers who are new or whose stamp is another one now."""
    place, known = places(kept.ids, people.ids)
    same = known.copy()
    same[known] = kept.stamps[place[known]] == people.stamps[known]
    if same.all() and len(same) == len(kept.ids):
        return kept
    changed = people.ids[~same]
    if len(changed) * 100 > len(people.ids) * RELOAD_PERCENT:
        return _loaded(people, kept.since)
    now_at = np.full(len(kept.ids), -1)
    now_at[place[same]] = same.nonzero()[0]
    read = _read(changed, kept.since, FOREVER)
    joined = [
        _joined(old, new, now_at, (~same).nonzero()[0])
        for old, new in zip((kept.claims, kept.shifts), read, strict=True)
    ]
    return Kept(kept.since, people.ids, people.stamps, *joined)


def _joined(old: list[Array], new: list[Array], now_at: Array, changed: Array) -> list[Array]:
    """Rows of workers who stay, with those of the changed ones put between, by worker."""
    who = now_at[old[0]]
    stay = (who >= 0).nonzero()[0]
    who, added = who[stay], changed[new[0]]
    at = np.searchsorted(who, added)
    rest = [
        np.insert(column[stay], at, more) for column, more in zip(old[1:], new[1:], strict=True)
    ]
    return [np.insert(who, at, added), *rest]


def _read(ids: Array, start: datetime, end: datetime) -> Sequence[list[Array]]:
    """Claims and shifts, their workers as places in `ids`."""
    return [
        [np.searchsorted(ids, who), *facts]
        for who, *facts in _packed.claims_and_shifts(ids, start, end)
    ]
