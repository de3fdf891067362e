"""Workers' money on its way out: reviewed by one person, sent by another."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Length

from app.models import Withdrawal
from app.services.money import returning, withdrawals
from app.views import labels
from app.views.base import ModelInterface, row_action
from app.views.booked import Booked
from app.views.fields import TextField
from app.views.labels_channels import channel_failure
from app.views.privacy import ReasonForm
from app.views.scoped import WORKERS, RecordView
from app.views.staff_names import name_of_staff
from app.views.widgets import TextWidget

UNDER_WAY = {"sent", "waiting_for_payee", "unknown"}


class ReturnForm(ReasonForm):
    bank_number = TextField(
        _l("Number at the bank"),
        description=_l("As the bank's or the channel's statement calls the returned payment."),
        validators=[InputRequired(), Length(min=2, max=returning.LONGEST_NUMBER)],
        widget=TextWidget(),
    )


class WithdrawalView(Booked, RecordView):
    source_kind = "withdrawal"
    route_base = "/withdrawals"
    datamodel = ModelInterface(Withdrawal, load=("payout_account",))
    noun, noun_plural = _l("Withdrawal"), _l("Withdrawals")
    list_columns = ["number", "worker", "amount_fen", "channel", "status", "created_at"]
    show_columns = [
        *list_columns, "payout_account.account_tail", "reviewed_by_id", "sent_by_id", "sent_at",
        "channel_bill_no", "failure", "finished_at",
    ]  # fmt: skip
    search_columns = ["number", "worker", "status", "channel", "created_at", "amount_fen"]
    label_columns = {
        "channel": _l("Channel"),
        "payout_account.account_tail": _l("Account ends in"),
        "reviewed_by_id": _l("Reviewed by"),
        "sent_by_id": _l("Sent by"),
        "sent_at": _l("Sent at"),
        "channel_bill_no": _l("Number at the channel"),
        "failure": _l("Why it failed"),
        "finished_at": _l("Finished at"),
    }
    formatters_columns = {
        "reviewed_by_id": name_of_staff,
        "sent_by_id": name_of_staff,
        "failure": channel_failure,
    }
    choices = {"status": labels.WITHDRAWAL_STATUS, "channel": labels.CHANNEL}
    badges = {"status": labels.WITHDRAWAL_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("created_at", "desc")
    show_template = "money/withdrawal.html"
    empty_text = _l("Nobody has asked for money.")

    def show_context(self, row: Withdrawal) -> dict[str, Any]:
        return {**self.booked(row), "balance": withdrawals.balance_of(row.worker_id)}

    @row_action("review", _l("Approve for sending"), icon="fa-check", main=True,
                confirm=_l("Approve? Somebody else sends it then."),
                multiple=False, when=lambda row: row.status == "applied")  # fmt: skip
    def review(self, pk: int) -> None:
        withdrawals.review(pk, actor=self.actor)

    @row_action("send", _l("Send the money"), icon="fa-paper-plane", main=True,
                confirm=_l("Send this money to the worker now?"),
                multiple=False, when=lambda row: row.status == "reviewed")  # fmt: skip
    def send(self, pk: int) -> None:
        withdrawals.send(pk, actor=self.actor)

    @row_action("refresh", _l("Ask the channel"), icon="fa-rotate",
                multiple=False, when=lambda row: row.status in UNDER_WAY)  # fmt: skip
    def refresh(self, pk: int) -> None:
        withdrawals.refresh(pk)

    @row_action("report_return", _l("The bank returned it"), icon="fa-rotate-left", form=ReturnForm,
                when=lambda row: row.status == "paid")  # fmt: skip
    def report_return(self, pk: int, form: ReturnForm) -> str:
        returning.report_return(
            pk, bank_number=str(form.bank_number.data), reason=form.why, actor=self.actor
        )
        return str(_("Sent. Another person of finance decides it under Approvals."))

    @row_action("reject", _l("Reject"), icon="fa-xmark", danger=True, form=ReasonForm,
                when=lambda row: row.status in {"applied", "reviewed"})  # fmt: skip
    def reject(self, pk: int, form: ReasonForm) -> None:
        withdrawals.reject(pk, reason=form.why, actor=self.actor)
