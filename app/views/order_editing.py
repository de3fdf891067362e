"""Changing an order for a customer who calls: the new price is shown, then exactly that is done."""

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from app.domain.errors import DomainError
from app.models import Address, Order
from app.services import clock
from app.services.orders import changing, editing
from app.services.orders.changing import Change, Wish
from app.views import choosing_services
from app.views.base import RowForm, expose, has_access, row_action
from app.views.booking import addresses_of, tell_more
from app.views.fields import LocalDateTimeField, TextField
from app.views.formatters import money
from app.views.widgets import LongTextWidget, TextWidget


class ChangeForm(RowForm):
    """The address, services and options are boxes of the page itself.

    `shown`: the hash of what the page told; nothing else is carried out.
    """

    starts_at = LocalDateTimeField(_l("Time"), validators=[InputRequired()])
    coupon = TextField(
        _l("Coupon"), empty="", validators=[Length(max=24)], widget=TextWidget(),
        description=_l("The code of one of this customer's coupons"),
    )  # fmt: skip
    note = TextField(
        _l("Special requirements"), empty="", validators=[Length(max=500)], widget=LongTextWidget()
    )
    shown = HiddenField()

    def wish(self) -> Wish:
        """What was typed. The required fields are there."""
        return Wish(
            request.form.get("address", 0, int), choosing_services.typed(),
            self.starts_at.data or clock.now(), str(self.coupon.data or ""),
            str(self.note.data or ""),
        )  # fmt: skip


class OrderEditing:
    """For OrderView."""

    actor: Any
    url_of: Any
    row_or_404: Any
    render_template: Any
    crumbs: Any
    back_to_row: Any

    @row_action("change_order", _l("Change the order"), icon="fa-pen-to-square", multiple=False,
                when=editing.can_be_edited)  # fmt: skip
    def change_order(self, pk: int) -> Any:
        return redirect(self.url_of("changing", pk=pk))

    @expose("/changing/<int:pk>", methods=["GET", "POST"])
    @has_access
    def changing(self, pk: int) -> Any:
        """What it shall be; then what that costs; then it is done."""
        row = self.row_or_404(pk)
        now = changing.wish_of(row)
        form, shown = ChangeForm(obj=now), None
        if form.validate_on_submit():
            try:
                wish = form.wish()
                shown = changing.preview(row, wish)
                if form.shown.data == shown.hash:
                    changed = changing.change(pk, wish, shown.hash, actor=self.actor)
                    flash(_said(changed, shown), "success")
                    return redirect(self.back_to_row(pk))
            except DomainError as error:
                form.refuse_with(error)
                tell_more(form, error)
        form.shown.data, form.shown.raw_data = shown.hash if shown else "", None
        address = request.form.get("address", now.address_id, int)
        page = self.render_template(
            "orders/change.html", title=_("Change the order"), form=form, row=row, pk=pk,
            crumbs=self.crumbs(row), addresses=_addresses(row), address=address,
            chosen=choosing_services.shown(now.items), shown=shown,
            facts=_facts(row, shown) if shown else [],
        )  # fmt: skip
        return (page, 422) if form.errors else page


def _addresses(row: Order) -> list[Address]:
    """Those of the customer, and the order's own although she has removed it since."""
    kept = addresses_of(row.customer_id)
    own = [row.quote.address] if row.quote else []
    return [*kept, *(one for one in own if one not in kept)]


def _facts(row: Order, shown: Change) -> list[tuple[Any, Any]]:
    """The arithmetic, line by line."""
    lines = [
        (_("Price until now"), money(row.due_fen)),
        (_("New price"), money(shown.due_fen)),
        (_("Cheaper by") if shown.difference_fen < 0 else _("Dearer by"),
         money(abs(shown.difference_fen))),
        (_("To be paid"), money(shown.to_pay_fen)),
    ]  # fmt: skip
    return [*lines, (_("Comes back"), money(shown.back_fen))] if shown.back_fen else lines


def _said(row: Order, shown: Change) -> str:
    if row.supplement_fen:
        return str(_("The change holds when the customer has paid %(amount)s more; until then the "
                     "order stays as it was, and both times are kept.",
                     amount=money(row.supplement_fen).striptags()))  # fmt: skip
    if shown.back_fen:
        amount = money(shown.back_fen).striptags()
        return str(_("The order was changed. %(amount)s goes back.", amount=amount))
    return str(_("The order was changed."))
