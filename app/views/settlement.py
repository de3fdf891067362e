"""Settlement: runs made by one person and approved by another, and the workers' statements."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import redirect
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import InputRequired

from app.domain.errors import DomainError
from app.extensions import db
from app.models import Branch, SettlementRun, Statement, StatementLine
from app.services import access, clock
from app.services.money import settlement
from app.services.transactions import snapshot
from app.views import labels
from app.views.base import ModelInterface, RowForm, expose, has_access, row_action
from app.views.booked import Booked
from app.views.downloads import PDF, XLSX, handed_over, made
from app.views.fields import RowSelectField
from app.views.formatters import percent
from app.views.scoped import BRANCHES, WORKERS, RecordView
from app.views.settling import AdjustmentView, TaxLineView
from app.views.staff_names import name_of_staff
from app.views.widgets import TextWidget


class RunForm(RowForm):
    """What period to settle."""

    branch: Any = RowSelectField(
        _l("Branch"), lookup=BRANCHES.of(Branch), validators=[InputRequired()]
    )
    period_from = DateField(
        _l("First day"), validators=[InputRequired()], widget=TextWidget("date")
    )
    period_to = DateField(_l("Last day"), validators=[InputRequired()], widget=TextWidget("date"))


def last_month(today: date) -> tuple[date, date]:
    """The first and the last day of the month before."""
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


class StatementLineView(RecordView):
    datamodel = ModelInterface(StatementLine)
    noun, noun_plural = _l("Statement line"), _l("Statement lines")
    list_columns = ["order", "base_fen", "commission_bp", "commission_fen", "worker_fen"]
    show_columns = ["statement", *list_columns, "accrual.earned_on", "accrual.release_on"]
    search_columns: list[str] = []
    label_columns = {
        "statement": _l("Statement"),
        "base_fen": _l("Base"),
        "commission_bp": _l("Rate"),
        "commission_fen": _l("Commission"),
        "worker_fen": _l("Worker's share"),
        "accrual.earned_on": _l("Earned on"),
        "accrual.release_on": _l("Held until"),
    }
    formatters_columns = {"commission_bp": percent}


class StatementView(Booked, RecordView):
    source_kind = "statement"
    route_base = "/statements"
    datamodel = ModelInterface(Statement)
    noun, noun_plural = _l("Statement"), _l("Statements")
    list_columns = [
        "number", "worker", "run", "base_fen", "commission_fen", "adjustment_fen", "payable_fen",
        "status",
    ]  # fmt: skip
    show_columns = [*list_columns, "carried_fen", "created_at", "answered_at", "dispute_text"]
    search_columns = ["number", "worker", "status", "created_at"]
    label_columns = {
        "run": _l("Settlement run"),
        "base_fen": _l("Base"),
        "commission_fen": _l("Commission"),
        "payable_fen": _l("Payable"),
        "adjustment_fen": _l("Rewards and penalties"),
        "carried_fen": _l("Carried over"),
        "answered_at": _l("Answered at"),
        "dispute_text": _l("What the worker disputes"),
    }
    choices = {"status": labels.STATEMENT_STATUS}
    badges = {"status": labels.STATEMENT_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("created_at", "desc")
    related_views = [StatementLineView, AdjustmentView, TaxLineView]

    @row_action("pdf", _l("Download PDF"), icon="fa-file-pdf", main=True, multiple=False)
    def pdf(self, pk: int) -> Any:
        from app.reports.statement_pdf import write_statement_pdf

        row, locale = self.row_or_404(pk), str(get_locale())
        name = f"{row.number}.pdf"
        content = made(lambda path: write_statement_pdf(pk, path, locale=locale), ".pdf")
        return handed_over(content, name, PDF, row, self.actor)


class SettlementRunView(RecordView):
    route_base = "/settlement"
    datamodel = ModelInterface(SettlementRun)
    noun, noun_plural = _l("Settlement run"), _l("Settlement")
    list_columns = [
        "number", "period_from", "period_to", "base_fen", "commission_fen", "payable_fen", "status",
    ]  # fmt: skip
    show_columns = [*list_columns, "made_by_id", "created_at", "approved_by_id", "approved_at"]
    search_columns = ["number", "status", "period_from", "period_to"]
    label_columns = {
        "period_from": _l("First day"),
        "period_to": _l("Last day"),
        "base_fen": _l("Base"),
        "commission_fen": _l("Commission"),
        "payable_fen": _l("Payable"),
        "made_by_id": _l("Made by"),
        "approved_by_id": _l("Approved by"),
        "approved_at": _l("Approved at"),
    }
    formatters_columns = {"made_by_id": name_of_staff, "approved_by_id": name_of_staff}
    choices = {"status": labels.RUN_STATUS}
    badges = {"status": labels.RUN_KINDS}
    base_order = ("created_at", "desc")
    related_views = [StatementView]
    list_template = "money/runs.html"
    empty_text = _l("Nothing has been settled yet.")
    empty_next = _l("Make a run for a period; somebody else approves it.")

    @expose("/make", methods=["GET", "POST"])
    @has_access
    def make(self) -> Any:
        first, last = last_month(clock.today())
        branches = BRANCHES.of(Branch).all(db.session())
        only = branches[0] if len(branches) == 1 else None
        form = RunForm(data={"branch": only, "period_from": first, "period_to": last})
        run = self._made(form) if form.validate_on_submit() else None
        if run is not None:
            return redirect(self.url_of("show", pk=run.id))
        page = self.render_template(
            "money/make_run.html", title=_("Make a settlement run"), form=form,
            crumbs=self.crumbs(),
        )  # fmt: skip
        return (page, 422) if form.is_submitted() else page

    def _made(self, form: RunForm) -> SettlementRun | None:
        days = form.period_from.data, form.period_to.data
        try:
            return settlement.make_run(form.branch.data.id, *days, actor=self.actor)
        except DomainError as error:
            form.refuse_with(error)
            return None

    @row_action("ask", _l("Ask for approval"), icon="fa-paper-plane", main=True, multiple=False,
                confirm=_l("Ask somebody else to approve this run?"),
                when=lambda run: run.status == "draft")  # fmt: skip
    def ask_approval(self, pk: int) -> str:
        settlement.ask_approval(pk, actor=self.actor)
        return str(_("Sent. Somebody else approves it under Approvals."))

    @row_action("cancel", _l("Cancel the run"), icon="fa-xmark", danger=True, multiple=False,
                confirm=_l("Cancel this run? Its statements are removed."),
                when=lambda run: run.status == "draft")  # fmt: skip
    def cancel(self, pk: int) -> None:
        settlement.cancel_run(pk, actor=self.actor)

    @row_action("workbook", _l("Download Excel"), icon="fa-file-excel", multiple=False)
    def workbook(self, pk: int) -> Any:
        from app.reports.settlement_workbook import (
            verify_settlement_workbook,
            write_settlement_workbook,
        )

        row, locale = self.row_or_404(pk), str(get_locale())
        reach = access.reach_of(self.actor)
        books_of = None if reach == access.EVERYWHERE else row.branch_id

        def write(path: Path) -> None:
            with snapshot():  # jobs go on posting while it is written and compared
                write_settlement_workbook(pk, path, locale=locale, books_of=books_of)
                verify_settlement_workbook(path, pk, books_of=books_of)

        return handed_over(made(write, ".xlsx"), f"{row.number}.xlsx", XLSX, row, self.actor)
