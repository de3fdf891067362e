"""An order of the model company as a template: it happens again, to others, on another day.

What stays the same in every copy is made once, in the database's own words; the rest is filled in
by one small function a cell. Keys are counted: the rows of a copy follow one another in each table,
so a reference is the first key and a place.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import models as m
from app.demo import grow_cells
from app.demo.bulk import Bulk, Cells
from app.demo.grow_people import Crowd, Quarter, Resident, Team
from app.demo.load_copy import COPIED
from app.extensions import db
from app.services.numbers import ALPHABET

Row = dict[str, Any]
MOST_CANDIDATES = 12
# What an order leaves beside the rows that name it by a foreign key.
COMPLETE = (*COPIED, m.PaymentNotice, m.Timer, m.Notification)
# An order of last year: what was bought, done, paid and earned.
OLDER = (
    m.Order, m.OrderItem, m.OrderLine, m.Visit, m.Assignment, m.Review, m.PaymentAttempt,
    m.Refund, m.Journal, m.Posting, m.Accrual, m.OrderEvent,
)  # fmt: skip
PAIRS = ["".join((a, b)) for a in ALPHABET for b in ALPHABET]


class Copy:
    """One order that happens again: to whom, by whom, when, under which keys and numbers."""

    __slots__ = ("_bulk", "_chance", "_crowd", "_memo", "_numbers", "days", "first",
                 "quarter", "resident", "team", "workers")  # fmt: skip

    def __init__(self, bulk: Bulk, crowd: Crowd, chance: random.Random) -> None:
        self._bulk = bulk
        self._crowd = crowd
        self._chance = chance
        self._memo: dict[Any, Any] = {}
        self.days = timedelta()
        self.first: dict[str, int] = {}
        self._numbers: dict[str, str] = {}

    def move_to(self, days: timedelta) -> None:
        self.days = days
        self._memo = {}

    def give(self, team: Team, quarter: Quarter, resident: Resident) -> None:
        self.team, self.quarter, self.resident = team, quarter, resident
        self.workers = team.workers
        self._numbers = {}

    def later(self, value: date) -> Any:
        found = self._memo.get(value)
        if found is None:
            found = self._memo[value] = self._bulk.plain(value + self.days)
        return found

    def number(self, old: str) -> str:
        """The same prefix, the new day, other characters."""
        new = self._numbers.get(old)
        if new is None:
            day = self._memo.get(old[1:7])
            if day is None:
                was = datetime.strptime(old[1:7], "%y%m%d")  # noqa: DTZ007  # a day
                day = self._memo[old[1:7]] = f"{was + self.days:%y%m%d}"
            new = self._numbers[old] = f"{old[0]}{day}{self.characters(5)}"
        return new

    def known(self, value: Any) -> Any:
        return self._numbers.get(value, value) if isinstance(value, str) else value

    def characters(self, pairs: int) -> str:
        bits = self._chance.getrandbits(10 * pairs)
        return "".join(PAIRS[bits >> 10 * n & 1023] for n in range(pairs))

    def account(self, code: str, model_worker: int) -> int:
        return self._crowd.accounts[code, self.workers[model_worker]]


Fill = Callable[[Copy], Any]


@dataclass
class Pattern:
    """One row of a template."""

    cells: Cells
    fills: list[tuple[int, Fill]]

    def made(self, copy: Copy) -> Cells:
        cells = self.cells.copy()
        for place, fill in self.fills:
            cells[place] = fill(copy)
        return cells


@dataclass
class Template:
    """All rows of one order, by table, parents first, and what the books want to know of it."""

    order_id: int
    customer_id: int
    crew: set[int]
    booked_at: datetime
    rows: dict[str, list[Pattern]] = field(default_factory=dict)
    accruals: list[Row] = field(default_factory=list)
    moves: list[tuple[str, int, int | None, int]] = field(default_factory=list)
    stars: list[tuple[int, int]] = field(default_factory=list)

    def happen(self, bulk: Bulk, copy: Copy) -> None:
        """Put the rows of a copy into the bulk."""
        first = copy.first
        for name, patterns in self.rows.items():
            first[name] = bulk.keys(db.metadata.tables[name], len(patterns))
        for name, patterns in self.rows.items():
            bulk.add(name, [pattern.made(copy) for pattern in patterns])


class Library:
    """Reads orders of the model company and makes templates of them."""

    def __init__(self, bulk: Bulk) -> None:
        self._bulk = bulk
        accounts = db.session.execute(sa.select(m.LedgerAccount.__table__)).all()
        self.accounts = {account.id: account for account in accounts}

    def templates(self, *where: Any, complete: bool) -> list[Template]:
        """The orders that fit, in the order of their keys."""
        kinds = COMPLETE if complete else OLDER
        belongings = self._read(kinds, *where)
        return [self._template(kinds, rows, complete) for rows in belongings]

    def _read(self, kinds: tuple[type[Any], ...], *where: Any) -> list[dict[str, list[Row]]]:
        orders = _found(m.Order.__table__, *where)
        homes = dict(db.session.execute(sa.select(m.Quote.id, m.Quote.address_id)).tuples().all())
        for order in orders:
            order["home_id"] = homes[order["quote_id"]]
        found = [defaultdict(list, {"customer_order": [order]}) for order in orders]
        owner = {"customer_order": {o["id"]: n for n, o in enumerate(orders)}}
        owner["quote"] = {o["quote_id"]: n for n, o in enumerate(orders)}
        numbers: dict[str, int] = {}
        for table in [kind.__table__ for kind in kinds if kind is not m.Order]:
            belongs = grow_cells.belonging(table, owner, numbers)
            if belongs is None:
                continue
            mine = owner.setdefault(table.name, {})
            for row in _found(table, belongs.where):
                place = belongs.owner(row)
                if place is not None and _wanted(table.name, row):
                    mine[row["id"]] = place
                    found[place][table.name].append(row)
                    if table.name == "payment_attempt":
                        numbers[row["out_trade_no"]] = place
        return [dict(rows) for rows in found]

    def _template(
        self, kinds: tuple[type[Any], ...], rows: dict[str, list[Row]], complete: bool
    ) -> Template:
        order = rows["customer_order"][0]
        crew = {place["worker_id"] for place in rows.get("assignment", [])}
        made = Template(order["id"], order["customer_id"], crew, order["created_at"])
        if not complete:
            rows["order_event"] = [e for e in rows.get("order_event", []) if e["to_status"]]
        tailor = grow_cells.Tailor(self._bulk, rows, self.accounts)
        for kind in kinds:
            table = kind.__table__
            if found := rows.get(table.name):
                made.rows[table.name] = [
                    Pattern(*tailor.cut(table, row, place)) for place, row in enumerate(found)
                ]
        made.accruals = rows.get("accrual", [])
        for posting in rows.get("posting", []):
            account = self.accounts[posting["account_id"]]
            worker = account.owner_id if account.owner_kind else None
            sign = 1 if account.normal == "debit" else -1
            made.moves.append((account.code, account.id, worker, sign * posting["amount_fen"]))
        made.stars = [
            (r["worker_id"], round((r["quality"] + r["attitude"] + r["skill"]) / 3))
            for r in rows.get("review", [])
            if r["status"] == "published"
        ]
        return made


def _found(table: sa.Table, *where: Any) -> list[Row]:
    query = sa.select(table).where(*where).order_by(table.c.id)
    return [dict(row) for row in db.session.execute(query).mappings()]


def _wanted(name: str, row: Row) -> bool:
    return name != "candidate" or row["rank"] <= MOST_CANDIDATES or row["chosen"]
