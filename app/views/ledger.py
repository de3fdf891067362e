"""The double-entry ledger, to read."""

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.fab_filters import RelationIs
from app.models import Journal, LedgerAccount, Posting
from app.views import labels
from app.views.base import ModelInterface
from app.views.labels_codes import ACCOUNT, JOURNAL_KIND, word
from app.views.order_money import entry
from app.views.scoped import WORKERS, RecordView

MOST_POSTINGS = 50


def account_name(code: str) -> str:
    return word(ACCOUNT, code)


class AccountOf(RelationIs):
    """Keys of workers and partners overlap: the kind of owner tells them apart."""

    def condition(self, column: Any, value: Any) -> Any:
        return sa.and_(LedgerAccount.owner_kind == "worker", LedgerAccount.owner_id == value)


class LedgerAccountView(RecordView):
    route_base = "/ledger-accounts"
    datamodel = ModelInterface(LedgerAccount)
    noun, noun_plural = _l("Account"), _l("Accounts")
    list_columns = ["code", "worker", "balance_fen", "normal"]
    show_columns = [*list_columns, "minimum_fen"]
    search_columns = ["code", "worker", "balance_fen"]
    search_filters = {"worker": [AccountOf]}
    label_columns = {
        "code": _l("Account"),
        "worker": _l("Belongs to"),
        "balance_fen": _l("Balance"),
        "normal": _l("Normal side"),
        "minimum_fen": _l("Never below"),
    }
    choices = {
        "code": ACCOUNT,
        "normal": labels.NORMAL_SIDE,
    }
    lookups = {"worker": WORKERS}
    base_order = ("balance_fen", "desc")
    show_template = "money/account.html"

    def name_of(self, row: LedgerAccount) -> str:
        return " · ".join([account_name(row.code), *([row.worker.name] if row.worker else [])])

    def show_context(self, row: LedgerAccount) -> dict[str, Any]:
        postings = db.session.scalars(
            sa.select(Posting)
            .options(joinedload(Posting.journal), joinedload(Posting.account))
            .where(Posting.account_id == row.id)
            .order_by(Posting.id.desc())
            .limit(MOST_POSTINGS)
        )
        return {"entries": [entry(posting) for posting in postings]}


class JournalView(RecordView):
    route_base = "/journals"
    datamodel = ModelInterface(Journal, load=("postings.account",))
    noun, noun_plural = _l("Journal"), _l("Journals")
    list_columns = ["posted_at", "kind", "key", "posted_on"]
    show_columns = ["key", "kind", "posted_at", "posted_on", "source_kind", "source_id"]
    search_columns = ["key", "kind", "posted_on"]
    label_columns = {
        "key": _l("Business key"),
        "kind": _l("Kind"),
        "posted_at": _l("Posted at"),
        "posted_on": _l("Day"),
        "source_kind": _l("Source"),
        "source_id": _l("Source's key"),
    }
    choices = {"kind": JOURNAL_KIND}
    base_order = ("posted_at", "desc")
    show_template = "money/journal.html"
    empty_text = _l("Nothing has been posted.")

    def show_context(self, row: Journal) -> dict[str, Any]:
        return {"entries": [entry(posting) for posting in row.postings], "total": _("Total")}
