"""Compensating a customer: shown before where each fen goes, then done exactly as it was shown."""

from typing import Any

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from app.domain.errors import DomainError
from app.extensions import db
from app.models import Order
from app.services.money import refunds
from app.services.money.refunds import Spread
from app.views.base import RowPages, expose, has_access, row_action
from app.views.formatters import money
from app.views.order_verbs import RefundForm, asked


class CompensationForm(RefundForm):
    """`shown`: the hash of what the page told; nothing else is carried out."""

    shown = HiddenField()


class Compensations(RowPages):
    """For OrderView."""

    @row_action("compensate", _l("Compensate the customer"), icon="fa-hand-holding-heart",
                multiple=False)  # fmt: skip
    def compensate(self, pk: int) -> Any:
        return redirect(self.url_of("compensation", pk=pk))

    @expose("/compensation/<int:pk>", methods=["GET", "POST"])
    @has_access
    def compensation(self, pk: int) -> Any:
        """How much, and why; then what becomes of it; then it is asked for."""
        row, form = self.row_or_404(pk), CompensationForm()
        shown = None
        if form.validate_on_submit():
            shown = refunds.spread(db.session(), row, form.amount_fen.data or 0)
            if form.shown.data == shown.hash and self._compensated(pk, form):
                return redirect(self.back_to_row(pk))
        form.shown.data = shown.hash if shown else ""
        return self.render_template(
            "orders/compensate.html", form=form, row=row, pk=pk, shown=shown,
            title=_("Compensate the customer"), crumbs=self.crumbs(row),
            facts=_spread_facts(shown) if shown else _facts(row),
        ), 422 if form.errors else 200  # fmt: skip

    def _compensated(self, pk: int, form: CompensationForm) -> bool:
        try:
            flash(asked(pk, form, "compensation", self.actor, str(form.shown.data)), "success")
        except DomainError as error:
            form.refuse_with(error)
            return False
        return True


def _facts(row: Order) -> list[tuple[Any, Any]]:
    """What a compensation has to do with."""
    none = refunds.spread(db.session(), row, 0)
    return [
        (_("Price"), money(row.due_fen)),
        (_("Paid, and not given back"), money(row.captured_fen - row.refunded_fen)),
        (_("Still owed"), money(none.owed_fen)),
    ]


def _spread_facts(shown: Spread) -> list[tuple[Any, Any]]:
    """The arithmetic, line by line."""
    owed = [
        (_("Still owed"), money(shown.owed_fen)),
        (_("Set against what is owed"), money(shown.set_off_fen)),
        (_("Then still owed"), money(shown.owed_after_fen)),
    ]
    return [
        (_("Amount"), money(shown.amount_fen)),
        *(owed if shown.owed_fen else []),
        (_("Goes back through the payments"), money(shown.through_fen)),
        (_("To be paid by hand"), money(shown.by_hand_fen)),
    ]
