"""Recurring plans: a list to work from, a page that tells the story of one, and what staff do."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField
from wtforms.validators import InputRequired, Optional

from app.domain.errors import DomainError
from app.extensions import db
from app.models import PlanOccurrence, ServicePlan, Worker
from app.services.plans import dates, ending, pausing, telling
from app.services.plans.ending import EndPreview
from app.services.plans.words import in_words
from app.views import labels_orders, plan_story
from app.views import labels_plans as words
from app.views.base import Lookup, ModelInterface, RowForm, expose, has_access, row_action
from app.views.fields import LocalDateTimeField, RowSelectField
from app.views.fields_calendar import minute
from app.views.labels import word
from app.views.plan_changing import PlanChanging
from app.views.plan_forms import PARTIES
from app.views.plan_making import PlanMaking
from app.views.privacy import ReasonForm
from app.views.scoped import BRANCHES, CUSTOMERS, WORKERS, RecordView, mine
from app.views.told import ordered
from app.views.widgets import TextWidget

WAITING = {status.value for status in dates.WAITING}


def _reason(code: str | None) -> str:
    return word(words.DATE_REASON, code or "")


class PauseForm(ReasonForm):
    until = DateField(
        _l("Until"), validators=[Optional()], widget=TextWidget("date"),
        description=_l("On this day it goes on by itself; empty: until somebody resumes it."),
    )  # fmt: skip


class ShiftForm(RowForm):
    starts_at = LocalDateTimeField(_l("New time"), validators=[InputRequired()])
    worker = RowSelectField(
        _l("Worker"),
        lookup=WORKERS.of(Worker),
        source=lambda: "/plan-dates/lookup/worker",
        description=_l("Empty: the plan's worker where she is free."),
    )


class PutBackForm(RowForm):
    starts_at = LocalDateTimeField(_l("New time"), description=_l("Empty: the time of the plan."))


class EndForm(ReasonForm):
    """`shown`: the hash of what the page told; nothing else is carried out."""

    shown = HiddenField()


class PlanOccurrenceView(RecordView):
    route_base = "/plan-dates"
    datamodel = ModelInterface(PlanOccurrence, load=("order",))
    noun, noun_plural = _l("Date of a plan"), _l("Dates of plans")
    list_columns = ["plan", "planned_on", "starts_at", "worker", "order", "status", "reason"]
    show_columns = [*list_columns, "created_at"]
    search_columns = ["plan", "planned_on", "worker", "status"]
    label_columns = {"plan": _l("Recurring plan"), "planned_on": _l("Day")}
    formatters_columns = {"reason": _reason}
    choices = {"status": labels_orders.OCCURRENCE_STATUS}
    badges = {"status": labels_orders.OCCURRENCE_KINDS}
    lookups = {
        "plan": Lookup(search=("number",), scope=mine(ServicePlan)),
        "worker": WORKERS,
    }
    base_order = ("planned_on", "desc")
    show_template = "plans/date.html"

    def name_of(self, row: PlanOccurrence) -> str:
        return f"{row.plan} · {row.planned_on}"

    def show_context(self, row: PlanOccurrence) -> dict[str, Any]:
        found = telling.alternatives(row.plan, row) if row.status in WAITING else []
        near = [start for start in found if start != row.starts_at]
        return {
            "times": list(zip(near, telling.costs_of(row.plan, near), strict=True)),
            "order_badge": plan_story.order_badge,
        }

    @row_action("shift", _l("Choose another time"), icon="fa-clock", form=ShiftForm, main=True,
                when=lambda row: row.status in WAITING)  # fmt: skip
    def shift(self, pk: int, form: ShiftForm) -> None:
        row = self.row_or_404(pk)
        worker = form.worker.data
        assert form.starts_at.data is not None  # noqa: S101  # the field is required
        dates.shift_date(
            row.plan_id, row.planned_on, form.starts_at.data,
            worker_id=worker.id if worker else None, actor=self.actor,
        )  # fmt: skip

    @row_action("skip", _l("Leave this date out"), icon="fa-forward", form=ReasonForm,
                when=lambda row: row.status in WAITING)  # fmt: skip
    def skip(self, pk: int, form: ReasonForm) -> None:
        row = self.row_or_404(pk)
        dates.skip_date(row.plan_id, row.planned_on, reason=form.why, actor=self.actor)

    @row_action("put_back", _l("Put back"), icon="fa-rotate-left", form=PutBackForm,
                when=lambda row: row.may_come_back)  # fmt: skip
    def put_back(self, pk: int, form: PutBackForm) -> None:
        row = self.row_or_404(pk)
        dates.put_back(row.plan_id, row.planned_on, starts_at=form.starts_at.data, actor=self.actor)

    @row_action("cancel", _l("Cancel this date"), icon="fa-ban", danger=True, multiple=False,
                when=lambda row: row.status == "ordered" and not row.may_come_back)  # fmt: skip
    def cancel(self, pk: int) -> Any:
        """With its order, by the order's own rules."""
        row = self.row_or_404(pk)
        return redirect(
            url_for(
                "ServicePlanView.cancellation", pk=row.plan_id, scope=ending.THIS, on=row.planned_on
            )
        )


class ServicePlanView(PlanMaking, PlanChanging, RecordView):
    route_base = "/plans"
    datamodel = ModelInterface(ServicePlan, load=("address.region",))
    noun, noun_plural = _l("Recurring plan"), _l("Recurring plans")
    list_columns = [
        "number", "customer", "rrule", "start_minute", "starts_on", "ends_on", "preferred_worker",
        "status",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "on_holidays", "paused_until", "follows", "address", "branch", "request",
        "note", "created_at",
    ]  # fmt: skip
    search_columns = ["number", "customer", "preferred_worker", "status", "branch", "starts_on"]
    label_columns = {
        "rrule": _l("Repeats"),
        "preferred_worker": _l("Wished worker"),
        "start_minute": _l("From (time)"),
        "request": _l("What is ordered"),
        "on_holidays": _l("Rest days"),
        "paused_until": _l("Paused until"),
        "follows": _l("Follows the plan"),
    }
    formatters_columns = {"start_minute": minute, "rrule": in_words, "request": ordered}
    choices = {"status": labels_orders.PLAN_STATUS, "on_holidays": words.ON_HOLIDAYS}
    badges = {"status": labels_orders.PLAN_KINDS}
    lookups = {"customer": CUSTOMERS, "preferred_worker": WORKERS, "branch": BRANCHES}
    base_order = ("id", "desc")
    list_template = "plans/list.html"
    show_template = "plans/show.html"
    empty_next = _l("Customers order weekly or monthly services on their client.")

    def show_context(self, row: ServicePlan) -> dict[str, Any]:
        return {
            "dates": plan_story.dates_of(row),
            "events": plan_story.timeline_of(row),
            "followed_by": db.session.scalar(sa.select(ServicePlan).filter_by(follows_id=row.id)),
            "times": plan_story.counted(row),
            "date_badge": plan_story.date_badge,
            "order_badge": plan_story.order_badge,
            "date_reason": _reason,
        }

    @row_action("pause", _l("Pause"), icon="fa-pause", form=PauseForm,
                when=lambda row: row.status == "active")  # fmt: skip
    def pause(self, pk: int, form: PauseForm) -> str:
        pausing.pause_plan(pk, until=form.until.data, reason=form.why, actor=self.actor)
        return str(_("Paused. Orders that were made already stay."))

    @row_action("resume", _l("Resume"), icon="fa-play", main=True,
                when=lambda row: row.status == "paused")  # fmt: skip
    def resume(self, pk: int) -> None:
        pausing.resume_plan(pk, actor=self.actor)

    @row_action("alter", _l("Change this and later dates"), icon="fa-pen", multiple=False,
                when=lambda row: row.status != "ended")  # fmt: skip
    def alter(self, pk: int) -> Any:
        return redirect(self.url_of("changing", pk=pk))

    @row_action("cancel", _l("Cancel dates"), icon="fa-ban", danger=True, multiple=False,
                when=lambda row: row.status != "ended")  # fmt: skip
    def cancel(self, pk: int) -> Any:
        return redirect(self.url_of("cancellation", pk=pk))

    @expose("/cancellation/<int:pk>", methods=["GET", "POST"])
    @has_access
    def cancellation(self, pk: int) -> Any:
        """What cancelling one date, this and later, or all would end and cost; then it is done."""
        row, form = self.row_or_404(pk), EndForm()
        scope, on, party = _asked()
        if form.validate_on_submit() and self._ended(pk, scope, on, party, form):
            return redirect(self.back_to_row(pk))
        shown = _shown(row, scope, on, party, form)
        form.shown.data = shown.hash if shown else ""
        page = self.render_template(
            "plans/cancel.html", title=_("Cancel dates"), form=form, row=row, pk=pk,
            crumbs=self.crumbs(row), scope=scope, on=on, party=party, shown=shown,
            parties=list(PARTIES.items()),
            dates=plan_story.to_come(row),
        )  # fmt: skip
        return (page, 422) if form.is_submitted() else page

    def _ended(self, pk: int, scope: str, on: date | None, party: str, form: EndForm) -> bool:
        try:
            ending.end_dates(
                pk, scope, str(form.shown.data), on=on, party=party, reason=form.why,
                actor=self.actor,
            )  # fmt: skip
        except DomainError as error:
            form.refuse_with(error)
            return False
        return True


def _asked() -> tuple[str, date | None, str]:
    """Scope, day and party of the address; what makes no sense is left out."""
    scope, party = request.args.get("scope", ""), request.args.get("party", "")
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        on = None
    if scope not in ending.SCOPES or on is None:
        scope, on = ending.ALL, None
    return scope, None if scope == ending.ALL else on, party if party in PARTIES else "customer"


def _shown(
    row: ServicePlan, scope: str, on: date | None, party: str, form: EndForm
) -> EndPreview | None:
    try:
        return ending.preview_end(db.session(), row, scope, on, party)
    except DomainError as error:
        form.refuse_with(error)
        return None
