"""Copies the orders of one day, with all rows that belong to them, to another day."""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import models as m
from app.domain.ledger import Line, payload_hash
from app.domain.states import OrderStatus
from app.extensions import db
from app.services.numbers import new_number

Row = dict[str, Any]

# Parents before children: a row is copied when it belongs to one that was.
COPIED: tuple[type[Any], ...] = (
    m.Quote, m.Order, m.SlotHold, m.OrderItem, m.OrderLine, m.Visit, m.DispatchRun, m.Candidate,
    m.Offer, m.Assignment, m.CheckEvent, m.Attachment, m.Review, m.PaymentAttempt, m.Refund,
    m.RefundAllocation, m.Journal, m.Posting, m.Accrual, m.WorkerBusy, m.OrderEvent,
)  # fmt: skip
# Nobody refers to these by id, so nobody needs to know their new ones.
LEAVES = (m.Candidate, m.Posting, m.OrderItem, m.OrderLine, m.OrderEvent, m.WorkerBusy)
NUMBERED = {"number", "out_trade_no"}
FINISHED = (OrderStatus.COMPLETED.value, OrderStatus.CLOSED.value)
# Rows belong to their order, but a posting that names it may be a settlement's.
OWNERS = {"posting": "journal"}
# What an event's data call the rows that they name.
EVENT_IDS = {"run_id": "dispatch_run", "attachment_id": "attachment"}


@dataclass
class DayOfOrders:
    """All rows of the finished orders of one played day, by table."""

    on: date
    rows: dict[str, list[Row]] = field(default_factory=dict)


class DayCopy:
    """One day's rows on their way to another day."""

    def __init__(
        self, session: Session, day: DayOfOrders, delta: timedelta, keep: set[int]
    ) -> None:
        self._session = session
        self._day = day
        self._delta = delta
        self._ids: dict[str, dict[int, int]] = defaultdict(dict)
        self._numbers: dict[str, str] = {}
        accounts = session.execute(sa.select(m.LedgerAccount.__table__)).all()
        self._accounts = {account.id: account for account in accounts}
        quotes = {o["quote_id"] for o in day.rows["customer_order"] if o["id"] in keep}
        self._keep = {"customer_order": keep, "quote": quotes}

    def run(self) -> None:
        for model in COPIED:
            self._copy(model)
        self._rate()
        self._move_balances()

    def _copy(self, model: type[Any]) -> None:
        table = model.__table__
        old = [row for row in self._day.rows[table.name] if self._is_kept(table, row)]
        new = [self._moved(table, row) for row in old]
        if not new:
            return
        if model in LEAVES:
            self._session.execute(sa.insert(table), new)
            return
        inserted = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        keys = self._session.scalars(inserted, new).all()
        self._ids[table.name] = {row["id"]: key for row, key in zip(old, keys, strict=True)}

    def _is_kept(self, table: Any, row: Row) -> bool:
        if table.name in self._keep:
            return row["id"] in self._keep[table.name]
        if table.name == "worker_busy":
            return order_of(row) in self._keep["customer_order"]
        column, parent = next(p for p in order_parents(table) if p[1] in self._day.rows)
        return row[column.name] in self._ids[parent]

    def _moved(self, table: Any, row: Row) -> Row:
        new = {name: self._later(value) for name, value in row.items() if name != "id"}
        for column, parent in order_parents(table):
            if parent in self._day.rows and row[column.name] is not None:
                new[column.name] = self._ids[parent][row[column.name]]
        for name in NUMBERED & row.keys():
            new[name] = self._renumbered(row[name])
        match table.name:
            case "payment_attempt" if row["transaction_id"]:
                new["transaction_id"] = f"42{new['out_trade_no']}"
            case "refund":  # those that were asked for together go by the first one's number
                new["request_number"] = self._numbers[row["request_number"]]
            case "attachment":
                new["key"] = secrets.token_urlsafe(24)
            case "worker_busy":
                new["owner"] = f"order:{self._ids['customer_order'][order_of(row)]}"
            case "journal":
                self._book(row, new)
            case "order_event":
                new["data"] = self._told(row["data"])
        return new

    def _later(self, value: Any) -> Any:
        return value + self._delta if isinstance(value, (date, datetime)) else value

    def _renumbered(self, number: str) -> str:
        """The same prefix, the new day, other characters."""
        day = datetime.strptime(number[1:7], "%y%m%d") + self._delta  # noqa: DTZ007  # a day
        renumbered = f"{number[0]}{day:%y%m%d}{new_number('')[6:]}"
        self._numbers[number] = renumbered
        return renumbered

    def _told(self, data: Row) -> Row:
        """An event's data name rows by id and payments by number."""
        told: Row = {
            name: self._numbers.get(value, value) if isinstance(value, str) else value
            for name, value in data.items()
        }
        for name, table in EVENT_IDS.items():
            if name in told:
                told[name] = self._ids[table][told[name]]
        return told

    def _book(self, old: Row, new: Row) -> None:
        """A journal of its own: its key and fingerprint name the new source."""
        table = "customer_order" if old["source_kind"] == "order" else old["source_kind"]
        new["source_id"] = self._ids[table][old["source_id"]]
        new["key"] = f"{old['kind']}:{new['source_id']}"
        lines = [
            Line(account.code, fen, account.owner_kind, account.owner_id, new["order_id"])
            for account, fen in self._postings_of(old["id"])
        ]
        new["payload_hash"] = payload_hash(
            old["kind"], old["source_kind"], new["source_id"], new["order_id"], lines
        )

    def _postings_of(self, journal_id: int) -> list[tuple[Any, int]]:
        return [
            (self._accounts[posting["account_id"]], posting["amount_fen"])
            for posting in self._day.rows["posting"]
            if posting["journal_id"] == journal_id
        ]

    def _move_balances(self) -> None:
        moved: dict[int, int] = defaultdict(int)
        for journal_id in self._ids["journal"]:
            for account, fen in self._postings_of(journal_id):
                moved[account.id] += fen if account.normal == "debit" else -fen
        table = m.LedgerAccount.__table__
        for account_id, delta_fen in sorted(moved.items()):
            self._session.execute(
                sa.update(table)
                .where(table.c.id == account_id)
                .values(balance_fen=table.c.balance_fen + delta_fen)
            )

    def _rate(self) -> None:
        """Reviews count for the worker, as quality.reviews counts them."""
        table = m.Worker.__table__
        for review in self._day.rows["review"]:
            if review["id"] in self._ids["review"]:
                stars = round((review["quality"] + review["attitude"] + review["skill"]) / 3)
                self._session.execute(
                    sa.update(table)
                    .where(table.c.id == review["worker_id"])
                    .values(
                        rating_sum=table.c.rating_sum + stars,
                        rating_count=table.c.rating_count + 1,
                    )
                )


def order_of(claim: Row) -> int:
    return int(claim["owner"].removeprefix("order:"))


def read_day(on: date) -> DayOfOrders:
    """Rows of the day's finished orders, and of all that belongs to them."""
    day = DayOfOrders(on)
    ids: dict[str, set[int]] = {}
    orders = sa.select(m.Order.id, m.Order.quote_id).where(
        m.Order.service_on == on, m.Order.status.in_(FINISHED)
    )
    found = db.session.execute(orders).all()
    ids["customer_order"] = {row.id for row in found}
    ids["quote"] = {row.quote_id for row in found}
    for model in COPIED:
        table = model.__table__
        query = sa.select(table).where(_belongs(table, ids)).order_by(table.c.id)
        day.rows[table.name] = [dict(row) for row in db.session.execute(query).mappings()]
        ids[table.name] = {row["id"] for row in day.rows[table.name]}
    return day


def _belongs(table: Any, ids: dict[str, set[int]]) -> sa.ColumnElement[bool]:
    if table.name in ids:
        return table.c.id.in_(ids[table.name])
    if table.name == "worker_busy":
        return table.c.owner.in_([f"order:{key}" for key in ids["customer_order"]])
    column, parent = next(
        (column, parent) for column, parent in order_parents(table) if parent in ids
    )
    return column.in_(ids[parent])


def order_parents(table: Any) -> list[tuple[Any, str]]:
    """(column, table that it refers to), the one that a row belongs to first."""
    owner = OWNERS.get(table.name, "customer_order")
    pairs = [(key.parent, key.column.table.name) for key in table.foreign_keys]
    return sorted(pairs, key=lambda pair: (pair[1] != owner, pair[0].name))
