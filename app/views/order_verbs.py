"""What staff do with an order's money and life: give back, move, cancel."""

from typing import Any

from flask import redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import InputRequired

from app.domain.actors import Actor
from app.domain.cancelling import Preview
from app.domain.errors import DomainError, RuleViolation
from app.domain.money import yuan
from app.domain.states import MoveStatus
from app.extensions import db
from app.models import Order
from app.services.money import refunds
from app.services.money.refunds import compensating
from app.services.orders import calling_off, cancelling, move_rules, moving
from app.services.system import parameters
from app.views import labels_orders as words
from app.views.base import RowPages, expose, has_access, row_action
from app.views.fields import ChoiceField, YuanField, above_zero
from app.views.formatters import money, percent
from app.views.labels import word
from app.views.labels_cancelling import CANCEL_REASON, CANCEL_STEP
from app.views.moves import MoveForm
from app.views.privacy import ReasonForm

MOVABLE = {status.value for status in move_rules.MOVABLE}
CANCELLABLE = {status.value for status in cancelling.CANCELLABLE}
REFUNDABLE = {
    "pending_dispatch", "offered", "accepted", "en_route", "in_service", "pending_confirm",
    "completed", "cancelled", "no_show", "exception",
}  # fmt: skip
PARTIES = ("customer", "platform")


class RefundForm(ReasonForm):
    amount_fen = YuanField(_l("Amount"), validators=[InputRequired(), above_zero])

    def look_at(self, row: Order, actor: Actor) -> None:
        most = compensating.most_back(db.session(), row)
        self.amount_fen.description = _(
            "At most ¥%(most)s. Above ¥%(limit)s somebody else has to approve it.",
            most=yuan(most), limit=yuan(parameters.get("payment.automatic_refund_fen")),
        )  # fmt: skip


class CancelForm(ReasonForm):
    """`shown`: the hash of what the page told; nothing else is carried out."""

    reason_code = ChoiceField(
        _l("Kind of reason"), labels=CANCEL_REASON, validators=[InputRequired()]
    )
    shown = HiddenField()


class OrderVerbs(RowPages):
    """For OrderView."""

    @row_action("refund", _l("Give money back"), icon="fa-rotate-left", form=RefundForm,
                when=lambda row: row.status in REFUNDABLE and row.captured_fen > 0)  # fmt: skip
    def refund(self, pk: int, form: RefundForm) -> str:
        return asked(pk, form, "refund", self.actor)

    @row_action("move", _l("Move to another time"), icon="fa-right-left", form=MoveForm,
                when=lambda row: row.status in MOVABLE and not row.customer_chooses)  # fmt: skip
    def move(self, pk: int, form: MoveForm) -> str:
        return moved(pk, form, self.actor)

    @row_action("cancel", _l("Cancel the order"), icon="fa-ban", danger=True, multiple=False,
                when=lambda row: row.status in CANCELLABLE)  # fmt: skip
    def cancel(self, pk: int) -> Any:
        return redirect(self.url_of("cancellation", pk=pk))

    @expose("/cancellation/<int:pk>", methods=["GET", "POST"])
    @has_access
    def cancellation(self, pk: int) -> Any:
        """What cancelling costs, by the customer or by the company; then it is done."""
        row, form = self.row_or_404(pk), CancelForm()
        party = request.args.get("party")
        party = party if party in PARTIES else PARTIES[0]
        visit = next((v for v in row.visits if str(v.id) == request.args.get("visit")), None)
        visit_id = visit.id if visit else None
        if form.validate_on_submit() and self._cancelled(pk, party, visit_id, form):
            return redirect(self.back_to_row(pk))
        try:
            shown = calling_off.preview_any(db.session(), row, party, visit_id)
        except DomainError as error:
            form.refuse_with(error)
            shown = None
        form.shown.data = shown.hash if shown else ""
        page = self.render_template(
            "orders/cancel.html", form=form, row=row, pk=pk, visit=visit,
            title=_("Cancel one visit") if visit else _("Cancel the order"),
            crumbs=self.crumbs(row), party=party, parties=_parties(), shown=shown,
            facts=_facts(shown) if shown else [],
        )  # fmt: skip
        return (page, 422) if form.is_submitted() else page

    def _cancelled(self, pk: int, party: str, visit_id: int | None, form: CancelForm) -> bool:
        try:
            calling_off.cancel_any(
                pk, str(form.shown.data), visit_id=visit_id, party=party,
                reason_code=str(form.reason_code.data), reason=form.why, actor=self.actor,
            )  # fmt: skip
        except DomainError as error:
            form.refuse_with(error)
            return False
        return True


def moved(order_id: int, form: MoveForm, actor: Any, visit_id: int | None = None) -> str:
    """Ask for another time of the order's next visit, or of this one; what to say of it."""
    try:
        row = moving.propose(
            order_id, form.starts_at.data, side=str(form.side.data),  # type: ignore[arg-type]
            same_worker=bool(form.same_worker.data), reason=form.why, visit_id=visit_id,
            difference_fen=form.difference_fen.data, actor=actor,
        )  # fmt: skip
    except RuleViolation as error:
        raise _priced(error) from error
    if row.status == MoveStatus.AGREED:
        return str(_("The visit was moved."))
    return str(_("The other side is asked. Both times are kept until then."))


def _priced(error: RuleViolation) -> RuleViolation:
    """How much dearer it is, for the customer to be told."""
    if error.code != "price_differs":
        return error
    return RuleViolation(
        _("At this time the order costs %(amount)s more. Tell the customer, then enter it here.",
          amount=money(error.details["difference_fen"])),
        field="difference_fen",
    )  # fmt: skip


def asked(pk: int, form: RefundForm, kind: str, actor: Any, shown: str = "") -> str:
    """Ask for money for the customer; what to say of it."""
    rows = refunds.request_refund(
        pk, form.amount_fen.data or 0, reason=form.why, kind=kind, shown=shown, actor=actor
    )
    order = db.session.get_one(Order, pk)
    if rows[0].status == "requested":
        return str(_("Sent. Somebody else decides it under Approvals."))
    return str(_("Decided: %(amount)s goes back for order %(order)s.",
                 amount=f"¥{yuan(form.amount_fen.data or 0)}", order=order.number))  # fmt: skip


def _parties() -> list[tuple[str, Any]]:
    return [(party, words.CANCEL_PARTY[party]) for party in PARTIES]


def _facts(shown: Preview) -> list[tuple[Any, Any]]:
    """The arithmetic, line by line."""
    lines = [
        (_("Step of the fee ladder"), word(CANCEL_STEP, shown.step)),
        (_("Price"), money(shown.price_fen)),
        (_("Fee (%(rate)s of the price)", rate=percent(shown.rate_bp)), money(shown.fee_fen)),
        *([(_("Other visits, stay charged"), money(shown.kept_fen))] if shown.kept_fen else []),
        (_("Paid"), money(shown.paid_fen)),
        (_("Comes back"), money(shown.refund_fen)),
    ]
    return [*lines, (_("Still owed"), money(shown.owed_fen))] if shown.owed_fen else lines
