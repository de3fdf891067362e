"""Changing a plan from some day on: what ends and what it costs, every date of the plan that
follows; then exactly that is done.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import redirect, request
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from app.domain import recurrence
from app.domain.errors import DomainError, InvalidInput
from app.domain.recurrence import WEEKDAYS
from app.extensions import db
from app.models import OptionGroup, Service, ServicePlan
from app.services import clock
from app.services.orders.quotes import ItemWish, OptionWish
from app.services.plans import changing
from app.services.plans.changing import Change, ChangePreview
from app.services.plans.words import in_words
from app.views import plan_preview, plan_story
from app.views.base import expose, has_access
from app.views.plan_forms import ChangeForm
from app.views.plan_making import addresses_of, options_of
from app.views.told import ordered


class PlanChanging:
    """For ServicePlanView."""

    actor: Any
    url_of: Any
    row_or_404: Any
    render_template: Any
    crumbs: Any

    @expose("/changing/<int:pk>", methods=["GET", "POST"])
    @has_access
    def changing(self, pk: int) -> Any:
        """First what it would be, then that."""
        row = self.row_or_404(pk)
        service = _service_of(row)
        form = ChangeForm(data=_as_it_is(row))
        form.address.labels = addresses_of(row.customer_id)
        form.options.labels = options_of(service) if service else {}
        if service is None:
            del form.quantity
        shown, new = None, None
        if form.validate_on_submit():
            try:
                shown, new = self._done(form, row, service)
            except DomainError as error:
                form.refuse_with(error)
            if new is not None:
                return redirect(self.url_of("show", pk=new.id))
        form.shown.data, form.shown.raw_data = shown.hash if shown else "", None
        page = self.render_template(
            "plans/change.html", title=_("Change this and later dates"), form=form, row=row, pk=pk,
            crumbs=self.crumbs(row), shown=shown, ordered=ordered(row.request),
            often=in_words(shown.made.rule) if shown else "",
            lines=plan_preview.lines_of(shown.made if shown else None),
        )  # fmt: skip
        return (page, 422) if form.is_submitted() and shown is None else page

    def _done(
        self, form: ChangeForm, row: ServicePlan, service: Service | None
    ) -> tuple[ChangePreview, ServicePlan | None]:
        """What it would be; and the plan that follows, if that was seen and is wanted."""
        change, party = _change(form, row, service), str(form.party.data)
        shown = changing.preview_change(row.id, change, party=party)
        if not request.form.get("make") or form.shown.data != shown.hash:
            return shown, None
        new = changing.change_plan(
            row.id, change, shown.hash, choices=plan_preview.choices_of(shown.made), party=party,
            reason=str(form.reason.data), actor=self.actor,
        )  # fmt: skip
        return shown, new


def _change(form: ChangeForm, row: ServicePlan, service: Service | None) -> Change:
    wish = form.wish()
    items: Sequence[ItemWish] = ()
    if service is not None:
        items = [_item(form, row, service)]
    return Change(wish.starts_on, wish, items, int(str(form.address.data)))


def _item(form: ChangeForm, row: ServicePlan, service: Service) -> ItemWish:
    """The plan's only service as it was typed; how many of an option is as it was."""
    [before] = row.request["items"]
    many = {one["option_id"]: one["quantity"] for one in before["options"]}
    ticked = [int(key) for key in form.options.data or ()]
    options = [OptionWish(key, many.get(key, 1)) for key in ticked]
    return ItemWish(service.id, form.quantity.data or 1, options)


def _service_of(row: ServicePlan) -> Service | None:
    """The plan's service, if it has only one: of several, what is chosen stays."""
    if len(row.request["items"]) != 1:
        return None
    query = sa.select(Service).filter_by(id=row.request["items"][0]["service_id"])
    whole = query.options(selectinload(Service.option_groups).selectinload(OptionGroup.options))
    return db.session.scalar(whole)


def _as_it_is(row: ServicePlan) -> dict[str, Any]:
    """The form of the plan as it is, from its next date on."""
    first = row.request["items"][0]
    asked = request.args.get("on", type=date.fromisoformat)
    coming = plan_story.to_come(row)
    return {
        "address": str(row.address_id),
        "options": [str(one["option_id"]) for one in first["options"]],
        "quantity": first["quantity"],
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
