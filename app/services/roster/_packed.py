"""What PostgreSQL sends of workers, claims and shifts: binary values that numpy reads as they come.

Tens of thousands of rows take as many microseconds as they would take milliseconds as objects. One
value holds all rows, one after the other, as the database keeps them (models/guards.py).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from app.domain import eligibility, free_time
from app.domain.eligibility import RULES, WantedVisit
from app.domain.free_time import EPOCH, TICK
from app.domain.ranks import Array
from app.extensions import db
from app.services import clock
from app.services.system import parameters

NONE_BROKEN = -1
NEVER = 10**7  # a day that does not come
POSTGRES_EPOCH = (datetime(2000, 1, 1, tzinfo=UTC) - EPOCH) // TICK
CLAIM, SHIFT = "iittttffi", "itt"
CLAIMS = """
    SELECT (
        SELECT string_agg(packed_claim, '') FROM worker_busy
        WHERE worker_id = ANY(%(ids)s::int8[]) AND start_at < %(end)s AND end_at > %(start)s
    ), (
        SELECT string_agg(packed_shift, '') FROM shift
        WHERE worker_id = ANY(%(ids)s::int8[]) AND starts_at < %(end)s AND ends_at > %(start)s
    )
"""
# Whose claims do not count is told by the same number for an owner as stands in a claim: who asks,
# then holds that have run out.
PEOPLE = """
    SELECT (
        SELECT string_agg(int8send(id) || int8send((status = 'approved')::int)
            || int8send(coalesce(nullif(radius_km, 0), %(radius)s)) || int8send(daily_cap)
            || float8send(home_lat) || float8send(home_lng), '' ORDER BY id)
        FROM worker WHERE branch_id = %(branch)s AND {chosen}
    ), (
        SELECT string_agg(int8send(worker_id), '') FROM worker_area WHERE area_id = %(area)s
    ), (
        SELECT string_agg(int8send(worker_id) || int8send(skill_id) || int8send(level)
            || int8send(coalesce(valid_from - %(epoch)s, %(never)s))
            || int8send(coalesce(valid_to - %(epoch)s, %(never)s)), '')
        FROM worker_skill WHERE skill_id = ANY(%(skills)s::int8[])
    ), (
        SELECT string_agg(int8send(worker_id) || int8send(array_position(%(kinds)s::text[], kind))
            || int8send(coalesce(valid_to - %(epoch)s, -1)), '')
        FROM worker_document WHERE kind = ANY(%(kinds)s::text[]) AND status = 'approved'
    ), (
        SELECT string_agg(int8send(hashtextextended(owner, 0)), '')
        FROM unnest(%(own)s::text[]) AS owner
    ), (
        SELECT string_agg(int8send(hashtextextended('hold:' || id, 0)), '')
        FROM slot_hold WHERE status = 'live' AND expires_at <= %(now)s
    ), (
        SELECT string_agg(int8send(worker_id) || int8send(stamp), '')
        FROM (SELECT worker_id, bit_xor(stamp) AS stamp FROM roster_stamp GROUP BY 1) AS stamps
        WHERE %(stamped)s
    )
"""
EVERYBODY = "status = 'approved'"
SOME = "id = ANY(%(ids)s::int8[])"


class People:
    """Workers of a branch in the order of keys, and what the standing rules look at.

    `own`, `ended`: the numbers of owners whose claims do not count. `stamps`: of workers and their
    calendars; asked for of everybody only.
    """

    def __init__(self, branch_id: int, wanted: WantedVisit, only: Collection[int] | None) -> None:
        self._wanted = wanted
        asked = {
            "branch": branch_id, "radius": parameters.get("dispatch.radius_km"),
            "area": wanted.area_id, "skills": list(wanted.skills), "kinds": wanted.documents,
            "epoch": EPOCH.date(), "never": NEVER, "now": clock.now(),
            "own": [wanted.owner, *wanted.own], "stamped": only is None, "ids": list(only or ()),
        }  # fmt: skip
        statement = PEOPLE.format(chosen=EVERYBODY if only is None else SOME)
        people, areas, skills, papers, own, ended, stamps = sent(statement, asked)
        self.ids, self._active, self._radius, self.cap, self.lat, self.lng = read(people, "iiiiff")
        self._serves = np.isin(self.ids, read(areas, "i")[0])
        self._skills = self._by_kind(read(skills, "iiiii"))
        self._papers = self._by_kind(read(papers, "iii"))
        self.own, self.ended, self.stamps = (
            read(own, "i")[0],
            read(ended, "i")[0],
            self._stamped(stamps),
        )

    def broken(self, days: Sequence[date]) -> Array:
        """app.domain.eligibility.standing_rules, by day and worker: the first that is broken."""
        far = free_time.distances_m(self.lat, self.lng, self._wanted.place)
        always = [
            (eligibility.NOT_ACTIVE, self._active == 0),
            (eligibility.AREA, ~self._serves),
            (eligibility.RADIUS, far > self._radius.astype(float) * 1000),
        ]
        blocked = (eligibility.BLOCKED, np.isin(self.ids, list(self._wanted.blocked)))
        found = np.full((len(days), len(self.ids)), NONE_BROKEN)
        for row, day in zip(found, days, strict=True):
            of_the_day = self._of_the_day((day - EPOCH.date()).days)
            for rule, hit in reversed([*always, *of_the_day, blocked]):
                row[hit] = RULES.index(rule)
        return found

    def _of_the_day(self, day: int) -> list[tuple[str, Array]]:
        missing = np.zeros(len(self.ids), dtype=bool)
        low, invalid = missing.copy(), missing.copy()
        for skill_id, level in self._wanted.skills.items():
            held, valid_from, valid_to = self._facts(self._skills, skill_id, (-1, NEVER, NEVER))
            valid = (valid_from <= day) & (day <= valid_to)
            missing |= ~valid
            low |= valid & (held < level)
        for number in range(1, len(self._wanted.documents) + 1):
            invalid |= self._facts(self._papers, number, (-1,))[0] < day
        return [
            (eligibility.SKILL, missing), (eligibility.LEVEL, low), (eligibility.DOCUMENT, invalid),
        ]  # fmt: skip

    def _by_kind(self, rows: list[Array]) -> Mapping[int, list[Array]]:
        """Of each kind the places of workers here, and the facts of their rows."""
        who, kind, *facts = rows
        place, known = places(self.ids, who)
        return {
            int(one): [column[known & (kind == one)] for column in (place, *facts)]
            for one in np.unique(kind)
        }

    def _facts(
        self, by_kind: Mapping[int, list[Array]], kind: int, missing: tuple[int, ...]
    ) -> list[Array]:
        """The facts of one kind by worker."""
        found = [np.full(len(self.ids), value) for value in missing]
        place, *facts = by_kind.get(kind, [np.empty(0, dtype=np.int64)] * (len(missing) + 1))
        for column, fact in zip(found, facts, strict=True):
            column[place] = fact
        return found

    def _stamped(self, stamps: bytes | None) -> Array:
        """By worker; 0 where nothing was ever written into her calendar."""
        who, stamp = read(stamps, "ii")
        place, known = places(self.ids, who)
        found = np.zeros(len(self.ids), dtype=np.int64)
        found[place[known]] = stamp[known]
        return found


def claims_and_shifts(
    ids: Array, start: datetime, end: datetime
) -> tuple[list[Array], list[Array]]:
    """What lies in that span of these workers' calendars, by worker and start."""
    asked = {"ids": "{" + ",".join(map(str, ids.tolist())) + "}", "start": start, "end": end}
    claims, shifts = sent(CLAIMS, asked)
    return _sorted(read(claims, CLAIM), 2), _sorted(read(shifts, SHIFT), 1)


def places(ids: Array, who: Array) -> tuple[Array, Array]:
    """Where each of `who` stands in the ascending `ids`, and whether she does."""
    if not len(ids):
        return np.zeros(len(who), dtype=np.int64), np.zeros(len(who), dtype=bool)
    place = np.minimum(np.searchsorted(ids, who), len(ids) - 1)
    return place, ids[place] == who


def sent(statement: str, asked: dict[str, Any]) -> tuple[bytes | None, ...]:
    """The values of the one row."""
    db.session.flush()
    connection: Any = db.session.connection().connection.driver_connection
    with connection.cursor(binary=True) as cursor:
        row: tuple[bytes | None, ...] = cursor.execute(statement, asked).fetchone()
        return row


def read(content: bytes | None, kinds: str) -> list[Array]:
    """Kinds: i whole number, f double, t instant; all of eight bytes."""
    rows = np.frombuffer(content or b"", dtype=">i8").reshape(-1, len(kinds))
    # Turned round as a whole: each column then lies together.
    columns = rows.T.astype(np.int64, order="C")
    return [
        column.view(np.float64) if kind == "f"
        else column + POSTGRES_EPOCH if kind == "t" else column
        for kind, column in zip(kinds, columns, strict=True)
    ]  # fmt: skip


def _sorted(columns: list[Array], start: int) -> list[Array]:
    order = np.lexsort((columns[start], columns[0]))
    return [column[order] for column in columns]
