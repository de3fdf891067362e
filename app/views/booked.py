"""From a journal to what it tells of, and from that to its journals."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Journal, LedgerAccount, Posting
from app.views.in_templates import link_to
from app.views.labels import word
from app.views.labels_ledger import SOURCE_KIND
from app.views.order_money import MOST_POSTINGS, Entry, entry

# Kind of source -> the screen of its rows.
SOURCE_PAGE: Mapping[str, str] = {
    "payment_attempt": "PaymentAttemptView",
    "refund": "RefundView",
    "order": "OrderView",
    "statement": "StatementView",
    "withdrawal": "WithdrawalView",
    "adjustment": "AdjustmentView",
    "difference": "DifferenceView",
    "manual_journal": "ManualJournalView",
}


def source_of(journal: Journal) -> Any:
    """What the journal tells of: its name, as a link for whoever may open it."""
    text = f"{word(SOURCE_KIND, journal.source_kind)} {journal.source_id}"
    page = SOURCE_PAGE.get(journal.source_kind)
    return link_to(page, journal.source_id, text) if page else text


def entries_of_source(source_kind: str, source_id: int) -> list[Entry]:
    """The postings that tell of one row, the oldest first."""
    query = (
        sa.select(Posting)
        .join(Posting.journal)
        .options(joinedload(Posting.journal), of_account())
        .where(Journal.source_kind == source_kind, Journal.source_id == source_id)
        .order_by(Posting.id)
        .limit(MOST_POSTINGS)
    )
    return [entry(posting) for posting in db.session.scalars(query)]


def of_account() -> Any:
    """Loads the account of a posting with its owner."""
    return joinedload(Posting.account).joinedload(LedgerAccount.worker)


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
