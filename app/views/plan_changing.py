"""Changing a plan from some day on: what ends and what it costs, every date of the plan that
follows; then exactly that is done.
"""

from datetime import date
from typing import Any

from flask import redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain import recurrence
from app.domain.errors import DomainError, InvalidInput, RuleViolation
from app.domain.recurrence import WEEKDAYS
from app.models import ServicePlan
from app.services import clock
from app.services.orders import quotes
from app.services.plans import changing
from app.services.plans.changing import Change, ChangePreview
from app.services.plans.words import in_words
from app.views import choosing_services, plan_preview, plan_story
from app.views.base import RowPages, expose, has_access
from app.views.plan_forms import ChangeForm
from app.views.plan_making import addresses_of
from app.views.told import ordered


class PlanChanging(RowPages):
    """For ServicePlanView."""

    @expose("/changing/<int:pk>", methods=["GET", "POST"])
    @has_access
    def changing(self, pk: int) -> Any:
        """First what it would be, then that."""
        row = self.row_or_404(pk)
        form = ChangeForm(data=_as_it_is(row))
        form.address.labels = addresses_of(row.customer_id)
        shown, new = None, None
        if form.validate_on_submit():
            try:
                shown, new = self._done(form, row)
            except DomainError as error:
                form.refuse_with(error)
            if new is not None:
                return redirect(self.url_of("show", pk=new.id))
        made = shown.made if shown else None
        form.shown.data, form.shown.raw_data = shown.hash if shown else "", None
        page = self.render_template(
            "plans/change.html", title=_("Change this and later dates"), form=form, row=row, pk=pk,
            crumbs=self.crumbs(row), shown=shown, ordered=ordered(row.request), made=made,
            chosen=choosing_services.shown(quotes.wishes_of(row.request)),
            often=in_words(made.rule) if made else "", lines=plan_preview.lines_of(made),
        )  # fmt: skip
        return (page, 422) if form.is_submitted() and shown is None else page

    def _done(self, form: ChangeForm, row: ServicePlan) -> tuple[ChangePreview, ServicePlan | None]:
        """What it would be; and the plan that follows, if that was seen and is wanted."""
        change, party = _change(form), str(form.party.data)
        shown = changing.preview_change(row.id, change, party=party)
        if not request.form.get("make") or form.shown.data != shown.hash:
            return shown, None
        new = changing.change_plan(
            row.id, change, shown.hash, choices=plan_preview.choices_of(shown.made), party=party,
            reason=str(form.reason.data), actor=self.actor,
        )  # fmt: skip
        return shown, new


def _change(form: ChangeForm) -> Change:
    """Raises RuleViolation when no service is ticked; without one, the plan's would stay."""
    wish, items = form.wish(), choosing_services.typed()
    if not items:
        raise RuleViolation(_l("Choose one to ten services"), code="items_count")
    return Change(wish.starts_on, wish, items, int(str(form.address.data)))


def _as_it_is(row: ServicePlan) -> dict[str, Any]:
    """The form of the plan as it is, from its next date on."""
    asked = request.args.get("on", type=date.fromisoformat)
    coming = plan_story.to_come(row)
    return {
        "address": str(row.address_id),
        "starts_on": asked or (coming[0] if coming else clock.today()),
        "ends_on": row.ends_on,
        "start": row.start_minute,
        "worker": row.preferred_worker,
        "on_holidays": row.on_holidays,
        "party": "customer",
        **_repeats(row.rrule),
    }


def _repeats(rule: str) -> dict[str, Any]:
    try:
        chosen = recurrence.repeats_of(rule)
    except InvalidInput:
        return {}  # it was made by hand: choose anew
    return {
        "kind": chosen.kind,
        "weekdays": sum(1 << WEEKDAYS.index(day) for day in set(chosen.weekdays)),
        "weeks": [str(week) for week in chosen.weeks],
        "day": str(chosen.day or ""),
    }
