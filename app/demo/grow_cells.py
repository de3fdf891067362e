"""Which cells of a copied row differ from the model's, and what they hold instead."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import models as m
from app.demo.bulk import Bulk, Cells
from app.demo.load_copy import EVENT_IDS, NUMBERED, order_parents
from app.domain.ledger import Line, payload_hash

if TYPE_CHECKING:
    from app.demo.grow_template import Copy, Fill

Row = dict[str, Any]
Owners = dict[str, dict[int, int]]
SUBJECTS = {"order": "customer_order", "offer": "offer", "hold": "slot_hold"}
MOVED_PLACES = {"worker_busy", "check_event", "order_event"}
PEOPLE = {"worker", "customer_account"}


@dataclass(frozen=True)
class Belonging:
    """Which rows of a table belong to the orders, and to which of them."""

    where: sa.ColumnElement[bool]
    owner: Callable[[Row], int | None]


def belonging(table: sa.Table, owners: Owners, numbers: dict[str, int]) -> Belonging | None:
    """None when no row can."""
    name, c = table.name, table.c
    if name in owners:
        mine = owners[name]
        return Belonging(c.id.in_(mine), lambda row: mine.get(row["id"]))
    if name == "payment_notice":
        return Belonging(c.out_trade_no.in_(numbers), lambda row: numbers[row["out_trade_no"]])
    if name == "worker_busy":
        claims = {f"order:{key}": place for key, place in owners["customer_order"].items()}
        return Belonging(c.owner.in_(claims), lambda row: claims[row["owner"]])
    if name == "timer":
        return Belonging(c.kind.not_like("approval%"), lambda row: _subject(row, owners))
    if name == "notification":
        return Belonging(sa.true(), lambda row: _told_of(row, owners))
    column, parent = next((pair for pair in order_parents(table) if pair[1] in owners), (None, ""))
    if column is None or not owners[parent]:
        return None
    return Belonging(column.in_(owners[parent]), lambda row: owners[parent].get(row[column.name]))


def _subject(timer: Row, owners: Owners) -> int | None:
    table = SUBJECTS.get(timer["kind"].partition(".")[0], "")
    return owners.get(table, {}).get(timer["subject_id"])


def _told_of(notification: Row, owners: Owners) -> int | None:
    told = notification["data"]
    if "offer_id" in told:
        return owners.get("offer", {}).get(told["offer_id"])
    return owners["customer_order"].get(told.get("order_id"))


class Tailor:
    """Cuts the rows of one order."""

    def __init__(self, bulk: Bulk, rows: dict[str, list[Row]], accounts: dict[int, Any]) -> None:
        self._bulk = bulk
        self._rows = rows
        self._accounts = accounts
        self._places = {
            name: {row["id"]: place for place, row in enumerate(found)}
            for name, found in rows.items()
        }

    def cut(self, table: sa.Table, row: Row, place: int) -> tuple[Cells, list[tuple[int, "Fill"]]]:
        """The row's cells, and those that every copy fills anew."""
        cells: Cells = []
        fills: list[tuple[int, Fill]] = []
        special = self._special(table.name, row)
        for index, column in enumerate(table.columns):
            value = row[column.name]
            fill = special.get(column.name) or self._usual(table, column, value, place)
            if fill is None and self._is_left_out(table, column):
                value = None
            cells.append(None if fill else self._bulk.cell(column, value))
            if fill:
                fills.append((index, fill))
        return cells, fills

    def _usual(self, table: sa.Table, column: sa.Column[Any], value: Any, place: int) -> Any:
        name = table.name
        if column.name == "id":
            return lambda copy: copy.first[name] + place
        if value is None:
            return None
        target = next((key.column.table.name for key in column.foreign_keys), "")
        if target in self._places and value in self._places[target]:
            return self._reference(target, value)
        if target == "worker":
            return lambda copy: copy.workers.get(value, value)
        if target == "customer_account":
            return lambda copy: copy.resident.id
        if target == "address":
            return lambda copy: copy.resident.homes[value][0]
        if column.name in NUMBERED:
            return lambda copy: copy.number(value)
        if isinstance(value, date):
            return lambda copy: copy.later(value)
        if column.name in ("lat", "lng") and (name in MOVED_PLACES or name == "customer_order"):
            side = "north" if column.name == "lat" else "east"
            return lambda copy: value + getattr(copy.quarter, side)
        return None

    def _reference(self, table: str, key: int) -> "Fill":
        place = self._places[table][key]
        return lambda copy: copy.first[table] + place

    def _is_left_out(self, table: sa.Table, column: sa.Column[Any]) -> bool:
        """A reference to a row that is not copied: an older order has no quote and no offer."""
        targets = {key.column.table.name for key in column.foreign_keys}
        return bool(targets & {"quote", "offer", "dispatch_run"}) or (
            table.name == "notification" and column.name == "outbox_id"
        )

    def _special(self, name: str, row: Row) -> dict[str, Any]:
        cut = getattr(self, f"_{name}", None)
        found: dict[str, Any] = cut(row) if cut else {}
        if row.get("actor_kind") in ("worker", "customer") and row.get("actor_id"):
            found["actor_id"] = self._person(row["actor_kind"], row["actor_id"])
        return found

    def _person(self, kind: str, key: int) -> "Fill":
        if kind == "worker":
            return lambda copy: copy.workers[key]
        return lambda copy: copy.resident.id

    def _customer_order(self, row: Row) -> dict[str, Any]:
        columns = m.Order.__table__.c
        address = self._home(row)
        return {
            "address_detail": lambda copy: self._bulk.cell(
                columns.address_detail, copy.resident.homes[address][1]
            ),
            "contact_phone": lambda copy: self._bulk.cell(
                columns.contact_phone, copy.resident.phone
            ),
            "contact_name": lambda copy: copy.resident.name,
        }

    def _home(self, order: Row) -> int:
        """Which of her homes: the quote knows."""
        return int(order["home_id"])

    def _payment_attempt(self, row: Row) -> dict[str, Any]:
        number = row["out_trade_no"]
        return (
            {"transaction_id": lambda copy: f"42{copy.number(number)}"}
            if row["transaction_id"]
            else {}
        )

    def _refund(self, row: Row) -> dict[str, Any]:
        number = row["number"]
        cells: dict[str, Any] = {"request_number": lambda copy: copy.number(number)}
        if row["channel_refund_id"]:
            cells["channel_refund_id"] = lambda copy: f"50{copy.number(number)}"
        return cells

    def _slot_hold(self, row: Row) -> dict[str, Any]:
        wished = row["wished_worker_id"]
        return {"wished_worker_id": lambda copy: copy.workers[wished]} if wished else {}

    def _attachment(self, row: Row) -> dict[str, Any]:
        return {"key": lambda copy: copy.characters(16)}

    def _worker_busy(self, row: Row) -> dict[str, Any]:
        return {"owner": lambda copy: f"order:{copy.first['customer_order']}"}

    def _timer(self, row: Row) -> dict[str, Any]:
        table = SUBJECTS[row["kind"].partition(".")[0]]
        return {"subject_id": self._reference(table, row["subject_id"])}

    def _payment_notice(self, row: Row) -> dict[str, Any]:
        number, body = row["out_trade_no"], row["body"]
        column = m.PaymentNotice.__table__.c.body
        return {
            "notice_id": lambda copy: f"EV-{copy.number(number)}",
            "body": lambda copy: self._bulk.cell(column, body.replace(number, copy.number(number))),
        }

    def _notification(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = {"data": self._told(m.Notification.__table__.c.data, row["data"])}
        if row["recipient_kind"] in ("worker", "customer"):
            found["recipient_id"] = self._person(row["recipient_kind"], row["recipient_id"])
        return found

    def _order_event(self, row: Row) -> dict[str, Any]:
        told = row["data"]
        if not told or all(type(v) is int and k.endswith("_fen") for k, v in told.items()):
            return {}
        return {"data": self._told(m.OrderEvent.__table__.c.data, told)}

    def _told(self, column: sa.Column[Any], data: Row) -> "Fill":
        """What is told of an order names rows by id, people, and payments by number."""
        ids = {**EVENT_IDS, "order_id": "customer_order", "offer_id": "offer"}

        def tell(copy: "Copy") -> Any:
            told = {key: copy.known(value) for key, value in data.items()}
            for key, value in data.items():
                if key in ids:
                    place = self._places.get(ids[key], {}).get(value)
                    told[key] = None if place is None else copy.first[ids[key]] + place
            if "worker_id" in told:
                told["worker_id"] = copy.workers[data["worker_id"]]
            if "workers" in told:
                told["workers"] = [copy.workers[key] for key in data["workers"]]
            return self._bulk.plain(json.dumps(told))

        return tell

    def _journal(self, row: Row) -> dict[str, Any]:
        table = "customer_order" if row["source_kind"] == "order" else row["source_kind"]
        source = self._reference(table, row["source_id"])
        kind, source_kind, has_order = row["kind"], row["source_kind"], row["order_id"] is not None
        postings = [
            (self._accounts[p["account_id"]], p["amount_fen"])
            for p in self._rows["posting"]
            if p["journal_id"] == row["id"]
        ]

        def fingerprint(copy: "Copy") -> str:
            order = copy.first["customer_order"]
            lines = [
                Line(a.code, fen, a.owner_kind, a.owner_id and copy.workers[a.owner_id], order)
                for a, fen in postings
            ]
            return payload_hash(
                kind, source_kind, source(copy), order if has_order else None, lines
            )

        return {
            "source_id": source,
            "key": lambda copy: f"{kind}:{source(copy)}",
            "payload_hash": fingerprint,
        }

    def _posting(self, row: Row) -> dict[str, Any]:
        account = self._accounts[row["account_id"]]
        if not account.owner_kind:
            return {}
        code, worker = account.code, account.owner_id
        return {"account_id": lambda copy: copy.account(code, worker)}
