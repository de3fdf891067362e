"""Changes of time: what waits for operations or for the other side, and how it ended."""

from typing import Any

import sqlalchemy as sa
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import InputRequired, Length, Optional

from app.domain.actors import Actor
from app.extensions import db
from app.models import MoveRequest, Order, Visit
from app.services import access, clock
from app.services.orders import move_price, moving, new_times, open_moves
from app.views import labels_orders as words
from app.views.base import ModelInterface, RowForm, row_action
from app.views.fields import ChoiceField, LocalDateTimeField, TextField, YuanField, suggest
from app.views.formatters import money
from app.views.privacy import ReasonForm
from app.views.scoped import ORDERS, RecordView
from app.views.widgets import CheckboxWidget, TextWidget

WAITING = ("ops_review", "await_other_side")
MOST_COUNTED = 99


class MoveForm(ReasonForm):
    """Asked on the page of an order or of one of its visits."""

    starts_at = LocalDateTimeField(
        _l("New time"), validators=[InputRequired()],
        description=_l("Both times are kept until the other side has agreed."),
    )  # fmt: skip
    side = ChoiceField(
        _l("Who wants it"), validators=[InputRequired()],
        labels={"customer": _l("The customer called"), "staff": _l("The company")},
        description=_l("The worker answers the customer, the customer answers the company."),
    )  # fmt: skip
    same_worker = BooleanField(_l("Only if the same worker can come"), widget=CheckboxWidget())
    difference_fen = YuanField(
        _l("Dearer by"), validators=[Optional()],
        description=_l("As the customer was told, where the new time costs more."),
    )  # fmt: skip

    def look_at(self, row: Order | Visit, actor: Actor) -> None:
        """The free times near its own, and what is dearer or cheaper for the customer then."""
        order, visit = (row.order, row) if isinstance(row, Visit) else (row, None)
        times = new_times.free_near(order, visit)
        more = move_price.differences(order, times, "customer")
        near = [(clock.city_time(start), _signed(more[start])) for start in times]
        told = _("Free near its own time; choose one, or enter another.")
        self.starts_at.description = told if near else _("Nobody is free near its own time.")
        suggest(self.starts_at, [(f"{t:%Y-%m-%dT%H:%M}", f"{t:%m-%d %H:%M}{s}") for t, s in near])


def _signed(fen: int) -> str:
    return f" ({'+' if fen > 0 else ''}{money(fen).striptags()})" if fen else ""


class NoteForm(RowForm):
    note = TextField(_l("Note"), validators=[Length(max=200)], empty="", widget=TextWidget())

    @property
    def typed(self) -> str:
        return str(self.note.data or "")


class MoveRequestView(RecordView):
    route_base = "/moves"
    datamodel = ModelInterface(MoveRequest)
    noun, noun_plural = _l("Change of time"), _l("Changes of time")
    list_columns = ["order", "asked_by", "old_start", "new_start", "status", "answer_by"]
    show_columns = [
        *list_columns, "new_end", "difference_fen", "reason", "answered_at", "answer_note",
        "created_at",
    ]  # fmt: skip
    search_columns = ["order", "asked_by", "status", "new_start"]
    label_columns = {
        "asked_by": _l("Asked for by"),
        "old_start": _l("Old time"),
        "new_start": _l("New time"),
        "new_end": _l("New end"),
        "answer_by": _l("Answer until"),
        "answered_at": _l("Answered at"),
        "answer_note": _l("Answer"),
        "difference_fen": _l("Dearer by"),
    }
    choices = {"status": words.MOVE_STATUS, "asked_by": words.ASKED_BY}
    badges = {"status": words.MOVE_KINDS}
    lookups = {"order": ORDERS}
    base_order = ("id", "desc")
    list_template = "orders/list.html"

    def list_context(self) -> dict[str, Any]:
        """Those that wait, for whom, with counts that never count far."""
        chosen = request.args.get("_flt_0_status", "")
        every = {"label": _("All"), "url": self.url_of("list"), "count": "", "current": not chosen}
        return {"tabs": [every, *(self._tab(status, chosen) for status in WAITING)]}

    def _tab(self, status: str, chosen: str) -> dict[str, Any]:
        first = sa.select(MoveRequest.id).where(
            MoveRequest.status == status, access.condition(MoveRequest, self.actor)
        )
        some = first.limit(MOST_COUNTED + 1).subquery()
        count = db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0
        return {
            "label": words.MOVE_STATUS[status],
            "url": self.url_of("list", _flt_0_status=status),
            "count": f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count),
            "current": chosen == status,
        }

    @row_action("pass_on", _l("Ask the customer"), icon="fa-share", main=True, form=NoteForm,
                when=lambda row: row.status == "ops_review")  # fmt: skip
    def pass_on(self, pk: int, form: NoteForm) -> str:
        moving.review(pk, approve=True, note=form.typed, actor=self.actor)
        return str(_("The customer is asked now."))

    @row_action("turn_down", _l("Keep the old time"), icon="fa-xmark", form=ReasonForm,
                when=lambda row: row.status == "ops_review")  # fmt: skip
    def turn_down(self, pk: int, form: ReasonForm) -> str:
        moving.review(pk, approve=False, note=form.why, actor=self.actor)
        return str(_("The old time stands."))

    @row_action("agree", _l("Other side agreed"), icon="fa-check", main=True, form=ReasonForm,
                when=lambda row: row.status == "await_other_side")  # fmt: skip
    def agree(self, pk: int, form: ReasonForm) -> str:
        moving.answer(pk, agree=True, note=form.why, actor=self.actor)
        return str(_("The visit was moved."))

    @row_action("decline", _l("Other side declined"), icon="fa-xmark", form=ReasonForm,
                when=lambda row: row.status == "await_other_side")  # fmt: skip
    def decline(self, pk: int, form: ReasonForm) -> str:
        moving.answer(pk, agree=False, note=form.why, actor=self.actor)
        return str(_("The old time stands."))

    @row_action("withdraw", _l("Take it back"), icon="fa-rotate-left", form=ReasonForm,
                danger=True, when=lambda row: row.status in open_moves.OPEN)  # fmt: skip
    def withdraw(self, pk: int, form: ReasonForm) -> str:
        moving.withdraw(pk, note=form.why, actor=self.actor)
        return str(_("The old time stands."))

    def name_of(self, row: MoveRequest) -> str:
        return f"{row.order} · {self.noun}"
