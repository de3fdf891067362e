"""What the office does when an order does not go as planned."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.domain.actors import Actor
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Order, Visit, Worker
from app.services import clock
from app.services.dispatch import finding
from app.services.orders import choosing, exceptions, reassigning, reworking
from app.services.visits import stopping
from app.views.base import RowPages, row_action
from app.views.fields import ChoiceField, LocalDateTimeField, RowSelectField, TextField, suggest
from app.views.labels import ORDER_STATUS
from app.views.labels_life import CHOICE, FAULT
from app.views.privacy import ReasonForm
from app.views.scoped import WORKERS
from app.views.widgets import TextWidget

MOST_SUGGESTED = 5
REASSIGNABLE = {status.value for status in reassigning.REASSIGNABLE}
REPORTABLE = {status.value for status in exceptions.FROM}
GOES_ON = {status.value: ORDER_STATUS[status.value] for status in exceptions.NEEDS}


def suggest_workers(field: Any, order: Order, visits: Sequence[Visit] | None = None) -> None:
    """The best who may be sent, with their scores, under the field."""
    verdicts = finding.best(order, visits, MOST_SUGGESTED)
    keys = [verdict.worker.id for verdict in verdicts]
    found = db.session.execute(sa.select(Worker.id, Worker.name).where(Worker.id.in_(keys)))
    names = {row.id: row.name for row in found}
    told = [(str(v.worker.id), _scored(names[v.worker.id], v.score)) for v in verdicts]
    suggest(field, told)
    if not told:
        field.description = _("Nobody keeps all the hard rules at this time.")


def _scored(name: str, score: int) -> str:
    return str(_("%(name)s (%(score)s points)", name=name, score=score))


class ReassignForm(ReasonForm):
    worker: Any = RowSelectField(
        _l("Worker"), lookup=WORKERS.of(Worker), validators=[Optional()],
        source=lambda: "/orders/lookup/lead_worker",
        description=_l("Empty: whoever accepts the next offer."),
    )  # fmt: skip
    fault = ChoiceField(_l("Whose fault"), labels=FAULT, validators=[InputRequired()])
    starts_at = LocalDateTimeField(
        _l("New time"), validators=[Optional()],
        description=_l("Once the promised time has begun: as agreed with the customer."),
    )  # fmt: skip
    reason = TextField(
        _l("Reason"), validators=[InputRequired(), Length(min=2, max=200)], widget=TextWidget()
    )

    def look_at(self, row: Order | Visit, actor: Actor) -> None:
        order, visits = (row.order, [row]) if isinstance(row, Visit) else (row, None)
        suggest_workers(self.worker, order, visits)


class ChooseForm(ReasonForm):
    choice = ChoiceField(_l("What the customer wants"), labels=CHOICE, validators=[InputRequired()])
    starts_at = LocalDateTimeField(_l("New time"), validators=[Optional()])
    reason = TextField(_l("Note"), validators=[Length(max=200)], empty="", widget=TextWidget())


class ResolveForm(ReasonForm):
    to = ChoiceField(_l("How it goes on"), labels=GOES_ON, validators=[InputRequired()])


class StopForm(ReasonForm):
    done_percent = IntegerField(
        _l("Done, in percent"), validators=[Optional(), NumberRange(0, 100)],
        description=_l("Empty: the part of the planned time that was worked."),
    )  # fmt: skip


class ReworkForm(ReasonForm):
    starts_at = LocalDateTimeField(_l("New time"), validators=[InputRequired()])


def reassigned(order_id: int, form: ReassignForm, actor: Any, visit_id: int | None = None) -> str:
    """Send somebody else to all visits that remain, or to this one; what to say of it."""
    worker = form.worker.data
    reassigning.reassign(
        order_id, reason=form.why, fault=str(form.fault.data), starts_at=form.starts_at.data,
        worker_id=worker.id if worker else None, visit_id=visit_id, actor=actor,
    )  # fmt: skip
    return str(_("The order goes to somebody else."))


class OrderTroubles(RowPages):
    """For OrderView."""

    @row_action("reassign", _l("Send somebody else"), icon="fa-people-arrows", form=ReassignForm,
                when=lambda row: row.status in REASSIGNABLE)  # fmt: skip
    def reassign(self, pk: int, form: ReassignForm) -> str:
        return reassigned(pk, form, self.actor)

    @row_action("choose", _l("Customer chooses"), icon="fa-list-check", form=ChooseForm, main=True,
                when=lambda row: row.customer_chooses)  # fmt: skip
    def choose(self, pk: int, form: ChooseForm) -> str:
        chosen: Any = form.choice.data
        choosing.choose(pk, chosen, starts_at=form.starts_at.data, actor=self.actor)
        return str(_("It goes on as the customer wants."))

    @row_action("report_exception", _l("Report an exception"), icon="fa-triangle-exclamation",
                form=ReasonForm, when=lambda row: row.status in REPORTABLE)  # fmt: skip
    def report_exception(self, pk: int, form: ReasonForm) -> str:
        exceptions.report(pk, reason=form.why, actor=self.actor)
        return str(_("The order stands still until operations resolve it."))

    @row_action("resolve", _l("Resolve the exception"), icon="fa-check", form=ResolveForm,
                main=True, when=lambda row: row.status == "exception")  # fmt: skip
    def resolve(self, pk: int, form: ResolveForm) -> str:
        to = OrderStatus(str(form.to.data))
        exceptions.resolve(pk, to, reason=form.why, actor=self.actor)
        return str(_("The order goes on."))

    @row_action("stop", _l("Stop the work"), icon="fa-hand", form=StopForm, danger=True,
                when=lambda row: row.status == "in_service")  # fmt: skip
    def stop(self, pk: int, form: StopForm) -> str:
        stopping.stop(pk, reason=form.why, done_percent=form.done_percent.data, actor=self.actor)
        return str(_("Stopped. Only what was done is charged."))

    @row_action("rework", _l("Do it again for nothing"), icon="fa-rotate", form=ReworkForm,
                when=lambda row: row.status == "completed" and row.source != "rework")  # fmt: skip
    def rework(self, pk: int, form: ReworkForm) -> Any:
        start = form.starts_at.data or clock.now()  # the form has asked for one
        child = reworking.rework(pk, start, reason=form.why, actor=self.actor)
        flash(_("Order %(number)s does it again.", number=child.number), "success")
        return redirect(self.url_of("show", pk=child.id))
