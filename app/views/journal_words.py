"""The lines of a journal that is asked for, in words, and what they would do to the balances."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from app.domain.ledger import CHART
from app.extensions import db
from app.models import Order, Partner, Worker
from app.services.money import ledger
from app.views.labels import word
from app.views.labels_ledger import ACCOUNT

Lines = list[dict[str, Any]]
# Kind of owner -> the table, and the number that people call its rows by.
OWNERS: dict[str, tuple[Any, Any]] = {
    "worker": (Worker, Worker.number),
    "partner": (Partner, Partner.code),
}


def told_lines(lines: Lines) -> Iterator[tuple[str, int | None, int | None]]:
    """(account with owner and order, debit, credit) of each line."""
    for line in lines:
        fen = int(line["amount_fen"])
        yield told_account(line), fen if fen > 0 else None, -fen if fen < 0 else None


def told_account(line: dict[str, Any]) -> str:
    parts = [word(ACCOUNT, line["code"])]
    if line["owner_kind"]:
        model, _number = OWNERS[line["owner_kind"]]
        owner = db.session.get(model, line["owner_id"])
        parts.append(owner.name if owner else str(line["owner_id"]))
    if line["order_id"]:
        order = db.session.get(Order, line["order_id"])
        parts.append(order.number if order else str(line["order_id"]))
    return " · ".join(parts)


def balances_moved(lines: Lines) -> Iterator[tuple[str, int, int]]:
    """(account with owner, balance now, balance after the journal) in the accounts' direction."""
    moved: Counter[tuple[str, str, int]] = Counter()
    for line in lines:
        sign = 1 if CHART[line["code"]].normal == "debit" else -1
        account = (line["code"], line["owner_kind"], int(line["owner_id"]))
        moved[account] += sign * int(line["amount_fen"])
    for (code, kind, key), fen in moved.items():
        now = ledger.balance(code, kind, key)
        name = told_account({"code": code, "owner_kind": kind, "owner_id": key, "order_id": None})
        yield name, now, now + fen
