"""The nine invariants, as they were proved: when, by whom, with which figures, and what failed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.models import Journal, LedgerProof
from app.services.system import invariants, ledger_proofs
from app.views.base import ModelInterface, expose, has_access
from app.views.formatters import link
from app.views.in_templates import link_to
from app.views.labels import word
from app.views.labels_ledger import FAILING_ROW
from app.views.scoped import RecordView
from app.views.staff_names import name_of_staff

# What a failing row is -> its screen.
PAGES: Mapping[str, str] = {
    "journal": "JournalView",
    "ledger_account": "LedgerAccountView",
    "order": "OrderView",
    "payment_attempt": "PaymentAttemptView",
    "refund": "RefundView",
    "settlement_run": "SettlementRunView",
    "channel_bill": "ChannelBillView",
    "period_seal": "PeriodSealView",
}


@dataclass(frozen=True)
class Told:
    """One invariant of a run, in words; `failing`: links to the rows."""

    number: int
    ok: bool
    says: str
    figures: str
    wrong: int
    failing: list[Any]


def who_ran(row_asked_by_id: int | None) -> Any:
    return name_of_staff(row_asked_by_id) if row_asked_by_id else _("Nightly job")


class LedgerProofView(RecordView):
    route_base = "/ledger-proof"
    datamodel = ModelInterface(LedgerProof)
    base_permissions = ["can_list", "can_show", "can_prove"]
    noun, noun_plural = _l("Ledger proof"), _l("Ledger proof")
    list_columns = ["finished_at", "whole", "asked_by_id"]
    show_columns = ["finished_at", "whole", "asked_by_id", "started_at"]
    search_columns = ["whole", "finished_at"]
    label_columns = {
        "finished_at": _l("Proved at"),
        "started_at": _l("Started at"),
        "whole": _l("All nine hold"),
        "asked_by_id": _l("Run by"),
    }
    formatters_columns = {"asked_by_id": who_ran}
    base_order = ("id", "desc")
    list_template = "money/proofs.html"
    show_template = "money/proof.html"
    empty_text = _l("The ledger was not proved yet.")

    def name_of(self, row: LedgerProof) -> str:
        return f"{self.noun} {row.id}"

    def show_context(self, row: LedgerProof) -> dict[str, Any]:
        return {"told": list(_told(row))}

    def list_context(self) -> dict[str, Any]:
        newest = ledger_proofs.latest() if self.holds("can_list") else None
        return {"newest": newest, "told": list(_told(newest)) if newest else []}

    @expose("/prove", methods=["POST"])
    @has_access
    def prove(self) -> Any:
        row = ledger_proofs.prove(actor=self.actor)
        if row.whole:
            flash(_("All nine invariants hold."), "success")
        else:
            flash(_("The ledger does not add up. Look at what failed."), "danger")
        return redirect(self.url_of("show", pk=row.id))


def _told(row: LedgerProof) -> Iterator[Told]:
    for invariant, result in zip(invariants.INVARIANTS, row.results, strict=False):
        proof = invariants.Proof(**result)
        figures = invariants.told(proof, _(invariant.told))
        yield Told(
            invariant.number, proof.ok, _(invariant.says), figures, proof.figures["wrong"],
            [_opened(name, key) for name, keys in proof.failures.items() for key in keys],
        )  # fmt: skip


def figures_of(results: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each invariant: its number, whether it holds, its figures."""
    for invariant, result in zip(invariants.INVARIANTS, results, strict=False):
        proof = invariants.Proof(**result)
        state = _("holds") if proof.ok else _("does not hold")
        yield f"{invariant.number} {state}{_(': ')}{invariants.told(proof, _(invariant.told))}"


def _opened(check: str, key: Any) -> Any:
    """The failing row as a link; a key of a journal leads to the journal that stands."""
    about = invariants.ABOUT.get(check, "order")
    text = f"{word(FAILING_ROW, about)} {key}"
    if about == "worker":
        return link(url_for("LedgerAccountView.worker", pk=key), text)
    if about == "journal_key":
        standing = db.session.scalar(sa.select(Journal.id).filter_by(key=str(key)))
        return link_to("JournalView", standing, text)
    return link_to(PAGES[about], int(key), text) if about in PAGES else text
