"""The double-entry ledger, to read: accounts with their balances, journals with their sources."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query, joinedload

from app.domain.errors import NotFound
from app.domain.ledger import CHART
from app.extensions import db
from app.fab_filters import RelationIs
from app.fab_kinds import parse_key
from app.models import Journal, LedgerAccount, ManualJournal, Posting, Worker
from app.services import access
from app.services.money import manual_journals
from app.views import labels
from app.views.base import ModelInterface, RowFilter, expose, has_access, row_action
from app.views.booked import after, journal_link, names_of_sources, source_of
from app.views.labels import word
from app.views.labels_ledger import ACCOUNT, ACCOUNT_MEANING, JOURNAL_KIND, SOURCE_KIND
from app.views.order_money import Entry, entry, of_account
from app.views.privacy import ReasonForm
from app.views.scoped import ORDERS, WORKERS, RecordView

MOST_POSTINGS = 50


def account_name(code: str) -> str:
    return word(ACCOUNT, code)


class AccountOf(RelationIs):
    """Keys of workers and partners overlap: the kind of owner tells them apart."""

    def condition(self, column: Any, value: Any) -> Any:
        return sa.and_(LedgerAccount.owner_kind == "worker", LedgerAccount.owner_id == value)


class OnAccount(RowFilter):
    """Journals with a posting on an account of this code."""

    name, arg_name, control = _l("is"), "account", "choice"

    def parse(self, text: str) -> str:
        if text not in CHART:
            raise ValueError("no such account")
        return text

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        code = self.parse(value)
        accounts = sa.select(LedgerAccount.id).filter_by(code=code)
        on: Any = Posting.account_id.in_(accounts)
        if not CHART[code].owner_kind:
            # Its number in the text: only so does PostgreSQL know whether this is the account of
            # half of all postings, and walks back from the newest, or that of a dozen.
            number = query.session.scalar(accounts) or 0
            on = Posting.account_id == sa.bindparam("account", number, literal_execute=True)
        posted = sa.select(Posting.id).where(Posting.journal_id == Journal.id, on)
        return query.filter(posted.exists())


class LedgerAccountView(RecordView):
    route_base = "/ledger-accounts"
    base_permissions = ["can_list", "can_show", "can_worker"]
    datamodel = ModelInterface(LedgerAccount, load=("worker", "partner"))
    noun, noun_plural = _l("Ledger account"), _l("Accounts")
    list_columns = ["code", "owner", "balance_fen", "normal"]
    show_columns = ["code", "worker", "partner", "balance_fen", "normal", "minimum_fen"]
    search_columns = ["code", "worker", "balance_fen"]
    search_filters = {"worker": [AccountOf]}
    label_columns = {
        "code": _l("Ledger account"),
        "owner": _l("Belongs to"),
        "partner": _l("Partner"),
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
        return " · ".join(filter(None, (account_name(row.code), row.owner)))

    def show_context(self, row: LedgerAccount) -> dict[str, Any]:
        before = parse_key(Posting, request.args.get("before", ""))
        entries = _statement([row], before)
        more = len(entries) == MOST_POSTINGS
        return {
            "entries": entries,
            "meaning": word(ACCOUNT_MEANING, row.code),
            "older": self.url_of("show", pk=row.id, before=entries[-1].posting.id) if more else "",
            "newest": self.url_of("show", pk=row.id) if before else "",
        }

    @expose("/worker/<pk>", methods=["GET"])
    @has_access
    def worker(self, pk: str) -> str:
        """Everything the company owes a worker, holds for him, or he owes; and how it moved."""
        try:
            row = access.row_for(self.actor, Worker, parse_key(Worker, pk) or 0)
        except NotFound:
            abort(404)
        self.update_redirect()
        query = sa.select(LedgerAccount).options(joinedload(LedgerAccount.worker))
        mine = query.filter_by(owner_kind="worker", owner_id=row.id).order_by(LedgerAccount.code)
        accounts = db.session.scalars(mine).all()
        return self.render_template(
            "money/worker.html", title=row.name, over=_("Worker's balance"), crumbs=self.crumbs(),
            worker=row, accounts=[(account_name(one.code), one) for one in accounts],
            entries=_statement(accounts, None),
        )  # fmt: skip


def _statement(accounts: Sequence[LedgerAccount], before: int | None) -> list[Entry]:
    """The newest postings of the accounts, each with its account's balance after it."""
    keys = [account.id for account in accounts]
    query = sa.select(Posting).options(joinedload(Posting.journal), *of_account())
    query = query.where(Posting.account_id.in_(keys))
    if before:
        query = query.where(Posting.id < before)
    found = db.session.scalars(query.order_by(Posting.id.desc()).limit(MOST_POSTINGS)).all()
    balances: dict[int, int] = {}
    for account in accounts:
        own = [posting for posting in found if posting.account_id == account.id]
        sign = 1 if account.normal == "debit" else -1
        newest = account.balance_fen - sign * _moved_since(account, before)
        balances |= dict(zip((p.id for p in own), after(newest, own, sign), strict=True))
    return [entry(posting, balances[posting.id]) for posting in found]


def _moved_since(account: LedgerAccount, before: int | None) -> int:
    if before is None:
        return 0
    moved = sa.select(sa.func.sum(Posting.amount_fen)).where(
        Posting.account_id == account.id, Posting.id >= before
    )
    return int(db.session.scalar(moved) or 0)


def _postings_of(journal: Journal) -> Sequence[Posting]:
    query = sa.select(Posting).options(joinedload(Posting.journal), *of_account())
    return db.session.scalars(query.filter_by(journal_id=journal.id).order_by(Posting.id)).all()


class JournalView(RecordView):
    route_base = "/journals"
    datamodel = ModelInterface(Journal, load=("order", "postings"))
    noun, noun_plural = _l("Journal"), _l("Journals")
    list_columns = ["posted_at", "kind", "amount_fen", "order", "source_kind", "posted_on"]
    show_columns = [
        "key", "kind", "amount_fen", "posted_at", "posted_on", "source_kind", "order",
        "reverses_id",
    ]  # fmt: skip
    search_columns = ["kind", "account", "order", "posted_on", "key"]
    search_filters = {"account": [OnAccount]}
    label_columns = {
        "key": _l("Business key"),
        "kind": _l("Kind"),
        "account": _l("Ledger account"),
        "posted_at": _l("Posted at"),
        "posted_on": _l("Booked on"),
        "source_kind": _l("Source"),
        "reverses_id": _l("Reverses"),
    }
    formatters_columns = {"reverses_id": journal_link}
    choices = {"kind": JOURNAL_KIND, "account": ACCOUNT, "source_kind": SOURCE_KIND}
    lookups = {"order": ORDERS}
    base_order = ("posted_on", "desc")  # the days that are asked for are found by the same index
    show_template = "money/journal.html"
    empty_text = _l("Nothing has been posted.")

    def name_of(self, row: Journal) -> str:
        return f"{word(JOURNAL_KIND, row.kind)} {row.posted_on}"

    def show_context(self, row: Journal) -> dict[str, Any]:
        asked = sa.select(ManualJournal).filter_by(reverses_id=row.id).order_by(ManualJournal.id)
        return {
            "entries": [entry(posting) for posting in _postings_of(row)],
            "source": source_of(row, names_of_sources([row])),
            "reversals": db.session.scalars(asked).all() if row.kind == "manual" else [],
            "total": _("Total"),
        }

    @row_action("reverse", _l("Reverse"), icon="fa-arrow-rotate-left", form=ReasonForm,
                when=manual_journals.can_be_reversed)  # fmt: skip
    def reverse(self, pk: int, form: ReasonForm) -> str:
        manual_journals.ask_reversal(pk, reason=form.why[:200], actor=self.actor)
        return str(_("Sent. Somebody else approves it under Approvals."))
