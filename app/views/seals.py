"""Closing the oldest open month: shown with its figures, asked for, approved by somebody else."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.errors import DomainError
from app.extensions import db
from app.fab_messages import said
from app.models import PeriodSeal
from app.services.money import seals
from app.services.system import approvals
from app.views.base import ModelInterface, expose, has_access
from app.views.booked import journal_link
from app.views.labels import word
from app.views.labels_ledger import ACCOUNT
from app.views.privacy import ReasonForm
from app.views.scoped import RecordView
from app.views.staff_names import name_of_staff

Totals = list[tuple[str, int, int]]


def totals_of(accounts: dict[str, list[int]]) -> Totals:
    """(account, debit, credit) of a seal, by the account's name."""
    return [(word(ACCOUNT, code), debit, credit) for code, (debit, credit) in accounts.items()]


class PeriodSealView(RecordView):
    datamodel = ModelInterface(PeriodSeal)
    base_permissions = ["can_list", "can_show", "can_seal"]
    noun, noun_plural = _l("Sealed period"), _l("Sealed periods")
    list_columns = ["period_from", "period_to", "sealed_by_id", "approved_by_id", "sealed_at"]
    show_columns = [*list_columns, "last_journal_id", "hash"]
    search_columns = ["period_from", "period_to"]
    label_columns = {
        "period_from": _l("First day"),
        "period_to": _l("Last day"),
        "last_journal_id": _l("Last journal"),
        "sealed_by_id": _l("Asked by"),
        "approved_by_id": _l("Approved by"),
        "sealed_at": _l("Sealed at"),
        "hash": _l("Fingerprint"),
    }
    formatters_columns = {
        "sealed_by_id": name_of_staff, "approved_by_id": name_of_staff,
        "last_journal_id": journal_link,
    }  # fmt: skip
    base_order = ("period_from", "desc")
    list_template = "money/seals.html"
    show_template = "money/seal.html"
    empty_text = _l("No month is sealed yet.")

    def name_of(self, row: PeriodSeal) -> str:
        return f"{row.period_to:%Y-%m}"

    def show_context(self, row: PeriodSeal) -> dict[str, Any]:
        days: dict[str, Any] = {
            "_flt_1_posted_on": row.period_from,
            "_flt_2_posted_on": row.period_to,
        }
        return {
            "totals": totals_of(row.totals.get("accounts", {})),
            "journals": url_for("JournalView.list", **days),
        }

    @expose("/seal", methods=["GET", "POST"])
    @has_access
    def seal(self) -> Any:
        form, session = ReasonForm(), db.session()
        if form.validate_on_submit() and self._asked(form):
            return redirect(self.url_of("list"))
        period = seals.next_period(session)
        waits = period and approvals.waiting_for("period_seal", period.key)
        content = seals.content_of(session, period) if period and not waits else None
        page = self.render_template(
            "money/seal_next.html", title=_("Seal a month"), form=form, period=period,
            content=content, waits=waits, crumbs=self.crumbs(),
            totals=totals_of(content["accounts"]) if content else [],
        )  # fmt: skip
        return (page, 422) if form.is_submitted() else page

    def _asked(self, form: ReasonForm) -> bool:
        try:
            seals.ask_to_seal(reason=form.why, actor=self.actor)
        except DomainError as error:
            flash(said(error), "danger")
            return False
        flash(_("Sent. Somebody else approves it under Approvals."), "success")
        return True
