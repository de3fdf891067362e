"""From a journal to what it tells of, and from that to its journals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.util import identity_key

from app.extensions import db
from app.models import (
    Adjustment,
    Journal,
    ManualJournal,
    Order,
    PaymentAttempt,
    PayoutBatch,
    Posting,
    Refund,
    Statement,
    Withdrawal,
)
from app.views.formatters import EMPTY
from app.views.in_templates import link_to
from app.views.labels import word
from app.views.labels_ledger import SOURCE_KIND
from app.views.order_money import MOST_POSTINGS, Entry, entry, of_account

# Kind of source -> the screen of its rows.
SOURCE_PAGE: Mapping[str, str] = {
    "payment_attempt": "PaymentAttemptView",
    "refund": "RefundView",
    "order": "OrderView",
    "statement": "StatementView",
    "withdrawal": "WithdrawalView",
    "adjustment": "AdjustmentView",
    "payout_batch": "PayoutBatchView",
    "difference": "DifferenceView",
    "manual_journal": "ManualJournalView",
}
# Those that have a number.
NUMBERED: Mapping[str, type[Any]] = {
    "payment_attempt": PaymentAttempt,
    "refund": Refund,
    "order": Order,
    "statement": Statement,
    "withdrawal": Withdrawal,
    "adjustment": Adjustment,
    "payout_batch": PayoutBatch,
    "manual_journal": ManualJournal,
}


def journal_link(pk: int | None) -> Any:
    """A journal by its number, to open it."""
    return link_to("JournalView", pk, pk) if pk else EMPTY


Names = Mapping[tuple[str, int], str]


def source_of(journal: Journal, names: Names) -> Any:
    """What the journal tells of: its name, as a link for whoever may open it."""
    name = names.get((journal.source_kind, journal.source_id), journal.source_id)
    text = f"{word(SOURCE_KIND, journal.source_kind)} {name}"
    page = SOURCE_PAGE.get(journal.source_kind)
    return link_to(page, journal.source_id, text) if page else text


def names_of_sources(journals: Iterable[Journal]) -> Names:
    """The numbers that people call them by; rows that the page has loaded cost nothing."""
    wanted: dict[str, set[int]] = {}
    for journal in journals:
        wanted.setdefault(journal.source_kind, set()).add(journal.source_id)
    return {
        (kind, row.id): str(row)
        for kind, keys in wanted.items()
        if kind in NUMBERED
        for row in _rows(NUMBERED[kind], keys)
    }


def _rows(model: type[Any], keys: set[int]) -> Iterator[Any]:
    known = db.session().identity_map
    here = {key: known.get(identity_key(model, key)) for key in keys}
    yield from (row for row in here.values() if row is not None)
    missing = [key for key, row in here.items() if row is None]
    if missing:
        yield from db.session.scalars(sa.select(model).where(model.id.in_(missing)))


def entries_of_source(source_kind: str, source_id: int) -> list[Entry]:
    """The postings that tell of one row, the oldest first."""
    query = (
        sa.select(Posting)
        .join(Posting.journal)
        .options(joinedload(Posting.journal), *of_account())
        .where(Journal.source_kind == source_kind, Journal.source_id == source_id)
        .order_by(Posting.id)
        .limit(MOST_POSTINGS)
    )
    return [entry(posting) for posting in db.session.scalars(query)]


def after(newest_fen: int, postings: Sequence[Posting], sign: int) -> list[int]:
    """The balance after each posting, the newest first, counted back from the newest one's."""
    balances, left = [], newest_fen
    for posting in postings:
        balances.append(left)
        left -= sign * posting.amount_fen
    return balances


class Booked:
    """For screens whose rows are booked: their page ends with their postings."""

    source_kind = ""
    show_template = "money/booked.html"
    may: Any

    def show_context(self, row: Any) -> dict[str, Any]:
        return {**super().show_context(row), **self.booked(row)}  # type: ignore[misc]

    def booked(self, row: Any) -> dict[str, Any]:
        """Nothing for whoever may not see the ledger."""
        if not self.may("can_list", "JournalView"):
            return {"entries": None, "worker_account": ""}
        worker_id = getattr(row, "worker_id", None)
        page = url_for("LedgerAccountView.worker", pk=worker_id) if worker_id else ""
        return {"entries": entries_of_source(self.source_kind, row.id), "worker_account": page}
