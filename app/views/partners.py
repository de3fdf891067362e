"""Agencies that supply workers: what they are given, owed and paid."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.models import Partner
from app.services.money import adjustments, payouts
from app.views.base import ModelInterface, row_action
from app.views.catalog import CODE
from app.views.fields import YuanField
from app.views.privacy import ReasonForm
from app.views.scoped import BRANCHES, ReferenceView
from app.views.settling import AdjustmentView
from app.views.workers import AdjustForm, required_text


class PartnerAdjustForm(AdjustForm):
    amount_fen = YuanField(
        _l("Amount"), validators=[InputRequired()],
        description=_l("Negative for a penalty, at most what the partner is owed."),
    )  # fmt: skip


class AccountForm(ReasonForm):
    bank = required_text(_l("Bank"), most=64)
    holder = required_text(_l("Account holder"), most=64)
    account = required_text(_l("Account"), most=40)


class PartnerView(ReferenceView):
    datamodel = ModelInterface(Partner)
    noun, noun_plural = _l("Partner"), _l("Partners")
    list_columns = ["name", "code", "branch", "contact_name", "active"]
    show_columns = [*list_columns, "bank_name", "account_tail", "created_at"]
    search_columns = ["name", "code", "branch", "active"]
    add_columns = edit_columns = list_columns
    label_columns = {
        "contact_name": _l("Contact"),
        "bank_name": _l("Bank"),
        "account_holder": _l("Account holder"),
        "account": _l("Account"),
        "account_tail": _l("Account ends in"),
    }
    validators_columns = {"code": CODE}
    lookups = {"branch": BRANCHES}
    related_views = [AdjustmentView]
    empty_next = _l("Add the agencies that supply workers, if there are any.")

    @row_action("adjust", _l("Reward or penalty"), icon="fa-scale-balanced",
                form=PartnerAdjustForm)  # fmt: skip
    def adjust(self, pk: int, form: PartnerAdjustForm) -> str:
        adjustments.request_partner_adjustment(
            pk, str(form.kind.data), form.amount_fen.data or 0, reason=form.why, actor=self.actor
        )
        return str(_("Sent. Finance decides it under Approvals."))

    @row_action("change_account", _l("Bank account"), icon="fa-building-columns",
                form=AccountForm)  # fmt: skip
    def change_account(self, pk: int, form: AccountForm) -> None:
        payouts.change_account(
            pk, str(form.bank.data), str(form.holder.data), str(form.account.data),
            reason=form.why, actor=self.actor,
        )  # fmt: skip

    @row_action("pay_out", _l("Pay out by the bank"), icon="fa-money-bill-transfer",
                confirm=_l("Put all that is owed into a payout batch?"))  # fmt: skip
    def pay_out(self, pk: int) -> str:
        batch = payouts.pay_out(pk, actor=self.actor)
        return str(_("In payout batch %(number)s.", number=batch.number))
