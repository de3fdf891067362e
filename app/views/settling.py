"""What makes up a statement beside the orders, how it is paid, and what is closed for good."""

from functools import partial
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms.validators import InputRequired, Length, NumberRange

from app.domain.money import yuan
from app.models import (
    Adjustment,
    PayoutBatch,
    RefundAllocation,
    TaxBracket,
    TaxLine,
)
from app.services.money import payouts
from app.views import labels_money as words
from app.views.base import Lookup, ModelInterface, RowForm, row_action
from app.views.booked import Booked
from app.views.catalog import CODE
from app.views.downloads import XLSX, handed_over, made
from app.views.fields import TextField
from app.views.fields_calendar import PercentField
from app.views.formatters import EMPTY, money, percent
from app.views.labels import word
from app.views.labels_parameters import TAX_TABLE
from app.views.privacy import ReasonForm
from app.views.scoped import BRANCHES, WORKERS, RecordView, ReferenceView
from app.views.staff_names import name_of_staff
from app.views.widgets import TextWidget


class AdjustmentView(Booked, RecordView):
    source_kind = "adjustment"
    datamodel = ModelInterface(Adjustment)
    noun, noun_plural = _l("Adjustment"), _l("Adjustments")
    list_columns = ["number", "worker", "partner", "kind", "amount_fen", "reason", "status"]
    show_columns = [
        *list_columns, "order", "statement", "negative_fen", "branch", "asked_by_id", "created_at",
    ]  # fmt: skip
    search_columns = ["number", "worker", "kind", "status", "branch", "created_at"]
    label_columns = {
        "partner": _l("Partner"),
        "statement": _l("Statement"),
        "negative_fen": _l("Still owed"),
        "asked_by_id": _l("Asked by"),
    }
    formatters_columns = {
        "asked_by_id": name_of_staff, "reason": partial(word, words.ADJUSTMENT_REASON),
    }  # fmt: skip
    choices = {"kind": words.ADJUSTMENT_KIND, "status": words.ADJUSTMENT_STATUS}
    badges = {"status": words.ADJUSTMENT_KINDS}
    lookups = {"worker": WORKERS, "branch": BRANCHES}
    base_order = ("id", "desc")


def tax_table(code: str) -> str:
    return word(TAX_TABLE, code)


class TaxBracketView(ReferenceView):
    datamodel = ModelInterface(TaxBracket)
    noun, noun_plural = _l("Tax bracket"), _l("Tax table")
    list_columns = ["table_code", "valid_from", "from_fen", "rate_bp", "deduction_fen"]
    show_columns = [*list_columns, "created_at"]
    search_columns = ["table_code", "valid_from"]
    add_columns = edit_columns = list_columns
    label_columns = {
        "table_code": _l("Tax table"),
        "from_fen": _l("From an amount of"),
        "rate_bp": _l("Rate in %"),
        "deduction_fen": _l("Quick deduction"),
    }
    add_form_extra_fields = {
        "rate_bp": PercentField(_l("Rate in %"), validators=[InputRequired()]),
    }
    edit_form_extra_fields = add_form_extra_fields
    formatters_columns = {"rate_bp": percent, "table_code": tax_table}
    validators_columns = {
        "table_code": CODE,
        "from_fen": [NumberRange(0)],
        "deduction_fen": [NumberRange(0)],
    }
    refusals = {"rate_in_range": ("rate_bp", _l("Between 0 % and 100 %"))}
    base_order = ("from_fen", "asc")
    empty_next = _l("Add the steps of the table by which tax is withheld.")

    def name_of(self, row: TaxBracket) -> str:
        return f"{row.valid_from} · ¥{yuan(row.from_fen)} · {percent(row.rate_bp)}"


class TaxLineView(RecordView):
    datamodel = ModelInterface(TaxLine, load=("statement.worker",))
    noun, noun_plural = _l("Tax withheld"), _l("Tax withheld")
    list_columns = [
        "statement", "statement.worker", "table_code", "base_fen", "rate_bp", "tax_fen",
        "created_at",
    ]  # fmt: skip
    show_columns = list_columns
    search_columns = ["statement", "table_code", "created_at"]
    label_columns = {
        "statement": _l("Statement"),
        "statement.worker": _l("Worker"),
        "table_code": _l("Tax table"),
        "base_fen": _l("Taxed amount"),
        "rate_bp": _l("Rate in %"),
        "tax_fen": _l("Tax"),
    }
    formatters_columns = {"rate_bp": percent, "table_code": tax_table}
    lookups = {"statement": Lookup(search=("number",))}
    base_order = ("id", "desc")

    def name_of(self, row: TaxLine) -> str:
        return f"{row.statement} · {self.noun}"


class BankNumberForm(RowForm):
    bank_number = TextField(
        _l("Number at the bank"), description=_l("The bank's number, or the receipt's."),
        validators=[InputRequired(), Length(min=2, max=payouts.LONGEST_NUMBER)],
        widget=TextWidget(),
    )  # fmt: skip


def payees(content: list[dict[str, Any]] | None) -> Any:
    """Who gets what, and into which account."""
    lines = [
        Markup("{}: {} · {} ****{}").format(
            one["partner"], money(one["amount_fen"]), one["bank"], one["account_tail"]
        )
        for one in content or []
    ]  # fmt: skip
    return Markup("<br>").join(lines) if lines else EMPTY


class PayoutBatchView(Booked, RecordView):
    datamodel = ModelInterface(PayoutBatch)
    noun, noun_plural = _l("Payout batch"), _l("Payout batches")
    source_kind = "payout_batch"
    list_columns = ["number", "branch", "lines", "total_fen", "status", "made_by_id", "created_at"]
    show_columns = [
        *list_columns, "content", "approved_by_id", "paid_by_id", "paid_at", "bank_number",
    ]  # fmt: skip
    search_columns = ["number", "status", "created_at"]
    label_columns = {
        "lines": _l("Number of lines"),
        "content": _l("Payees"),
        "made_by_id": _l("Made by"),
        "approved_by_id": _l("Approved by"),
        "bank_number": _l("Number at the bank"),
        "paid_by_id": _l("Confirmed by"),
        "paid_at": _l("Confirmed at"),
    }
    formatters_columns = {
        "made_by_id": name_of_staff,
        "approved_by_id": name_of_staff,
        "paid_by_id": name_of_staff,
        "content": payees,
    }
    choices = {"status": words.BATCH_STATUS}
    badges = {"status": words.BATCH_KINDS}
    base_order = ("id", "desc")
    empty_next = _l("Choose partners that are owed money, and pay them out by the bank.")

    @row_action("ask_approval", _l("Ask for approval"), icon="fa-paper-plane", main=True,
                multiple=False, confirm=_l("Ask somebody else to approve this batch?"),
                when=lambda batch: batch.status == "draft")  # fmt: skip
    def ask_approval(self, pk: int) -> str:
        payouts.ask_approval(pk, actor=self.actor)
        return str(_("Sent. Somebody else approves it under Approvals."))

    @row_action("workbook", _l("File for the bank"), icon="fa-file-excel", multiple=False,
                when=lambda batch: batch.status == "approved")  # fmt: skip
    def workbook(self, pk: int) -> Any:
        from app.reports.payout_xlsx import write_payout_xlsx

        row, locale = self.row_or_404(pk), str(get_locale())
        payouts.check_to_be_paid(row)
        partners = payouts.partners_of(row)
        content = made(lambda path: write_payout_xlsx(row, partners, path, locale=locale), ".xlsx")
        return handed_over(content, f"{row.number}.xlsx", XLSX, row, self.actor)

    @row_action("confirm_paid", _l("The bank has paid"), icon="fa-check", main=True,
                form=BankNumberForm, when=lambda batch: batch.status == "approved")  # fmt: skip
    def confirm_paid(self, pk: int, form: BankNumberForm) -> None:
        payouts.confirm_paid(pk, bank_number=str(form.bank_number.data), actor=self.actor)

    @row_action("cancel", _l("Cancel the batch"), icon="fa-xmark", danger=True, form=ReasonForm,
                when=lambda batch: batch.status in payouts.OPEN)  # fmt: skip
    def cancel(self, pk: int, form: ReasonForm) -> None:
        payouts.cancel(pk, reason=form.why, actor=self.actor)


class RefundAllocationView(RecordView):
    datamodel = ModelInterface(RefundAllocation, load=("attempt",))
    noun, noun_plural = _l("Share of a refund"), _l("Shares of refunds")
    list_columns = ["refund", "attempt.out_trade_no", "amount_fen", "created_at"]
    show_columns = list_columns
    search_columns = ["refund", "created_at"]
    label_columns = {"refund": _l("Refund"), "attempt.out_trade_no": _l("Payment")}
    lookups = {"refund": Lookup(search=("number",))}
    base_order = ("id", "desc")

    def name_of(self, row: RefundAllocation) -> str:
        return f"{row.refund} · {row.id}"
