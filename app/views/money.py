"""Money in and back, and what the platform keeps."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import abort, current_app, request, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Length, NumberRange

from app.domain.money import yuan
from app.extensions import db
from app.models import (
    CommissionRule,
    OrderEvent,
    PaymentAttempt,
    PaymentNotice,
    PaymentVoucher,
    Refund,
)
from app.services.money import commission, offline, refunds
from app.services.money.offline.cash import held, is_held
from app.views import labels, order_story
from app.views import labels_money as words
from app.views.base import ModelInterface, RowFilter, RowForm, expose, has_access, row_action
from app.views.booked import Booked
from app.views.catalog import CODE
from app.views.fields import ChoiceField, LocalDateTimeField, TextField, YuanField
from app.views.formatters import percent
from app.views.labels import word
from app.views.labels_channels import channel_failure
from app.views.labels_money import NOTICE_OUTCOME
from app.views.labels_reasons import REFUND_REASON
from app.views.privacy import ReasonForm
from app.views.scoped import ORDERS, WORKERS, RecordView, ReferenceView
from app.views.settling import RefundAllocationView
from app.views.staff_names import name_of_staff
from app.views.told import message
from app.views.widgets import TextWidget

MOST_NOTICES = 50  # of one payment; a channel repeats itself at most two dozen times


class OtherWayForm(ReasonForm):
    way = ChoiceField(_l("Paid through"), labels=labels.PAY_CHANNEL, validators=[InputRequired()])
    reason = TextField(
        _l("Reason"), validators=[InputRequired(), Length(min=2, max=200)], widget=TextWidget()
    )


class ProofForm(RowForm):
    reference = TextField(
        _l("Proof"), description=_l("The bank's number, or the receipt's."),
        validators=[InputRequired(), Length(max=64)], widget=TextWidget(),
    )  # fmt: skip


class RefundView(Booked, RecordView):
    source_kind = "refund"
    datamodel = ModelInterface(Refund)
    noun, noun_plural = _l("Refund"), _l("Refunds")
    list_columns = ["number", "order", "amount_fen", "kind", "status", "reason", "created_at"]
    show_columns = [
        *list_columns, "request_number", "asked_by_id", "attempt", "failure", "channel_refund_id",
        "way", "way_reason", "way_reference", "taken_by_id", "confirmed_by_id",
        "succeeded_at",
    ]  # fmt: skip
    search_columns = ["number", "order", "kind", "status", "created_at"]
    label_columns = {
        "attempt": _l("Of payment"),
        "failure": _l("Why it failed"),
        "channel_refund_id": _l("Number at the channel"),
        "succeeded_at": _l("Refunded at"),
        "request_number": _l("Asked for as"),
        "asked_by_id": _l("Asked by"),
        "way": _l("Paid through"),
        "way_reason": _l("Why another way"),
        "way_reference": _l("Proof"),
        "taken_by_id": _l("Settled by"),
        "confirmed_by_id": _l("Confirmed by"),
    }
    choices = {
        "status": labels.REFUND_STATUS, "kind": words.REFUND_KIND, "way": labels.PAY_CHANNEL,
    }  # fmt: skip
    formatters_columns = {
        "reason": partial(word, REFUND_REASON),
        "failure": channel_failure,
        "asked_by_id": name_of_staff,
        "taken_by_id": name_of_staff,
        "confirmed_by_id": name_of_staff,
    }
    badges = {"status": labels.REFUND_KINDS}
    lookups = {"order": ORDERS}
    base_order = ("created_at", "desc")
    related_views = [RefundAllocationView]
    empty_text = _l("No refunds.")
    show_template = "money/refund.html"

    def show_context(self, row: Refund) -> dict[str, Any]:
        about = OrderEvent.data["refund"].as_string() == row.number
        events = order_story.timeline_of(row.order, about)
        return {**super().show_context(row), "events": events}

    @row_action("send_again", _l("Send again"), icon="fa-paper-plane", main=True, multiple=False,
                confirm=_l("The channel is asked first what became of it. Send it again then?"),
                when=lambda row: row.status == "failed")  # fmt: skip
    def send_again(self, pk: int) -> None:
        refunds.send_again(pk, actor=self.actor)

    @row_action("settle_otherwise", _l("Settle in another way"), icon="fa-hand-holding-dollar",
                form=OtherWayForm, when=refunds.is_by_hand)  # fmt: skip
    def settle_otherwise(self, pk: int, form: OtherWayForm) -> str:
        refunds.settle_otherwise(pk, str(form.way.data), reason=form.why, actor=self.actor)
        return str(_("Pay it now. Somebody else confirms it with the proof."))

    @row_action("confirm_settled", _l("Confirm that it was paid"), icon="fa-check", main=True,
                form=ProofForm, when=lambda row: row.status == "manual")  # fmt: skip
    def confirm_settled(self, pk: int, form: ProofForm) -> None:
        refunds.confirm_settled(pk, reference=str(form.reference.data), actor=self.actor)


class TransferForm(RowForm):
    """What the bank's statement says of a transfer."""

    bank_number = TextField(
        _l("Number at the bank"),
        validators=[InputRequired(), Length(min=4, max=64)],
        widget=TextWidget(),
    )
    amount: Any = YuanField(_l("Amount"), validators=[InputRequired()])
    received_at: Any = LocalDateTimeField(_l("Received at"), validators=[InputRequired()])


def _awaits_transfer(attempt: PaymentAttempt) -> bool:
    return attempt.channel == "bank" and attempt.status in {"created", "pending", "closed"}


def _asks_for_cash(attempt: PaymentAttempt) -> str:
    who, amount = attempt.worker, f"¥{yuan(attempt.amount_fen)}"
    return str(_("Did %(worker)s hand in %(amount)s in cash?", worker=who, amount=amount))


class CashHeld(RowFilter):
    """yes: a worker has it, and the company has not."""

    name, arg_name, control = _l("is"), "eq", "boolean"

    def parse(self, text: str) -> bool:
        if text not in {"y", "n"}:
            raise ValueError("yes or no")
        return text == "y"

    def apply(self, query: Any, value: Any) -> Any:
        wanted = self.parse(value) if isinstance(value, str) else bool(value)
        return query.filter(held() if wanted else sa.not_(held()))


class PaymentAttemptView(Booked, RecordView):
    source_kind = "payment_attempt"
    route_base = "/payments"
    datamodel = ModelInterface(PaymentAttempt)
    noun, noun_plural = _l("Payment"), _l("Payments")
    list_columns = [
        "out_trade_no", "order", "channel", "amount_fen", "status", "created_at", "paid_at",
        "worker",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "refund_fen", "method", "transaction_id", "expires_at", "handed_in_at",
        "handed_in_by_id",
    ]  # fmt: skip
    search_columns = [
        "out_trade_no", "order", "status", "paid_at", "channel", "amount_fen", "worker", "held",
    ]  # fmt: skip
    search_filters = {"held": [CashHeld]}
    label_columns = {
        "out_trade_no": _l("Payment number"),
        "channel": _l("Channel"),
        "method": _l("Method"),
        "transaction_id": _l("Number at the channel"),
        "expires_at": _l("To be paid until"),
        "paid_at": _l("Paid at"),
        "refund_fen": _l("Given back of it"),
        "worker": _l("Cash taken by"),
        "held": _l("Cash not handed in"),
        "handed_in_at": _l("Handed in at"),
        "handed_in_by_id": _l("Confirmed by"),
    }
    formatters_columns = {"handed_in_by_id": name_of_staff}
    choices = {
        "status": labels.PAYMENT_STATUS,
        "channel": labels.PAY_CHANNEL,
        "method": labels.PAY_CHANNEL,
    }
    badges = {"status": labels.PAYMENT_KINDS}
    lookups = {"order": ORDERS, "worker": WORKERS}
    base_order = ("created_at", "desc")
    related_views = [RefundView]
    show_template = "money/payment.html"

    def show_context(self, row: PaymentAttempt) -> dict[str, Any]:
        query = sa.select(PaymentVoucher).filter_by(attempt_id=row.id).order_by(PaymentVoucher.id)
        told = sa.select(PaymentNotice).filter_by(out_trade_no=row.out_trade_no)
        notices = db.session.scalars(told.order_by(PaymentNotice.id).limit(MOST_NOTICES)).all()
        return {
            **self.booked(row), "vouchers": db.session.scalars(query).all(),
            "notices": [(one, word(NOTICE_OUTCOME, one.outcome)) for one in notices],
        }  # fmt: skip

    @row_action("enter_transfer", _l("Enter the bank transfer"), icon="fa-building-columns",
                main=True, form=TransferForm, when=_awaits_transfer)  # fmt: skip
    def enter_transfer(self, pk: int, form: TransferForm) -> str:
        offline.enter_transfer(
            pk,
            str(form.bank_number.data),
            form.amount.data,
            form.received_at.data,
            actor=self.actor,
        )
        return str(_("Sent. Somebody else of finance decides it under Approvals."))

    @row_action("hand_in", _l("Cash handed in"), icon="fa-hand-holding-dollar", main=True,
                confirm=_l("Did the worker hand in this cash?"), asks=_asks_for_cash,
                when=is_held)  # fmt: skip
    def hand_in(self, pk: int) -> None:
        offline.hand_in_cash(pk, actor=self.actor)

    @expose("/voucher/<key>", methods=["GET"])
    @has_access
    def voucher(self, key: str) -> Any:
        """A picture of a transfer, of a payment that this person may see; `?small=1`: small."""
        found = db.session.scalar(sa.select(PaymentVoucher).filter_by(key=key[:40]))
        if found is None or self.find(found.attempt_id) is None:
            abort(404)
        small = bool(request.args.get("small"))
        stored = found.thumbnail_key if small else found.storage_key
        file = current_app.extensions["gateways"].storage.open(stored)
        mime = "image/jpeg" if small else found.mime
        response = send_file(file, mimetype=mime, max_age=3600)
        response.headers["Content-Disposition"] = "inline"
        response.headers["Cache-Control"] = "private, max-age=3600"
        return response


class PaymentNoticeView(RecordView):
    route_base = "/payment-notices"
    datamodel = ModelInterface(PaymentNotice)
    noun, noun_plural = _l("Notice from a channel"), _l("Notices from channels")
    list_columns = ["received_at", "channel", "out_trade_no", "outcome", "notice_id"]
    show_columns = [*list_columns, "headers", "body"]
    search_columns = ["channel", "out_trade_no", "outcome", "received_at"]
    label_columns = {
        "received_at": _l("Arrived at"),
        "channel": _l("Channel"),
        "out_trade_no": _l("Payment number"),
        "outcome": _l("Outcome"),
        "notice_id": _l("Notice number"),
        "headers": _l("Headers"),
        "body": _l("Text"),
    }
    formatters_columns = {"body": message}
    choices = {"channel": labels.PAY_CHANNEL, "outcome": NOTICE_OUTCOME}
    base_order = ("received_at", "desc")
    show_template = "money/notice.html"

    def show_context(self, row: PaymentNotice) -> dict[str, Any]:
        """The payment that it tells of, if it is one of ours."""
        query = sa.select(PaymentAttempt).filter_by(out_trade_no=row.out_trade_no)
        return {"payment": db.session.scalar(query) if row.out_trade_no else None}


class CommissionRuleView(ReferenceView):
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]
    datamodel = ModelInterface(CommissionRule)
    noun, noun_plural = _l("Commission rule"), _l("Commission rules")
    list_columns = ["name", "code", "revision", "rate_bp", "valid_from", "active"]
    show_columns = add_columns = list_columns
    # A rate that orders have frozen stays what it was: a new revision is a new row.
    edit_columns = ["name", "active"]
    search_columns = ["name", "code", "active", "valid_from"]
    label_columns = {"revision": _l("Revision"), "rate_bp": _l("Platform's share")}
    description_columns = {
        "rate_bp": _l("In basis points: 2000 is 20 %"),
        "valid_from": _l("Orders made from this day freeze this rule"),
    }
    formatters_columns = {"rate_bp": percent}
    validators_columns = {"code": CODE, "rate_bp": [NumberRange(0, 10000)]}
    base_order = ("valid_from", "desc")

    def create(self, form: RowForm) -> CommissionRule:
        row: CommissionRule = super().create(form)
        commission.check_one_stays(db.session())
        return row

    def change(self, row: CommissionRule, form: RowForm) -> None:
        super().change(row, form)
        commission.check_one_stays(db.session())
