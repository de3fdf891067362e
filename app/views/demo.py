"""The demo's clock: travel, and what must happen at that time happens."""

from datetime import timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.domain.errors import DomainError
from app.services import clock
from app.services.queue import start_job
from app.views.base import BaseView, RowForm, expose, has_access
from app.views.formatters import filled, instant
from app.views.widgets import TextWidget

LONGEST_DAYS = 60
SWEEPS = ("app.jobs.fire_timers.run", "app.jobs.relay_outbox.run")


def _number(label: Any, most: int) -> IntegerField:
    checks = [InputRequired(), NumberRange(0, most)]
    return IntegerField(label, validators=checks, default=0, widget=TextWidget("number", step="1"))


class TravelForm(RowForm):
    days = _number(_l("Days"), LONGEST_DAYS)
    hours = _number(_l("Hours"), 23)
    minutes = _number(_l("Minutes"), 59)


class DemoClockView(BaseView):
    route_base = "/demo-clock"
    default_view = "clock"

    @expose("/", methods=["GET", "POST"])
    @has_access
    def clock(self) -> Any:
        if not in_the_demo():
            abort(404)
        form = TravelForm()
        if form.validate_on_submit() and self._travel(form):
            return redirect(self.url_of("clock"))
        page = self.render_template(
            "system/clock.html", title=_("Demo clock"), form=form, now=clock.now(),
            lead=_("Time in the demo moves forward only. What is due then happens at once."),
        )  # fmt: skip
        return (page, 422) if request.method == "POST" else page

    def _travel(self, form: TravelForm) -> bool:
        by = timedelta(days=form.days.data, hours=form.hours.data, minutes=form.minutes.data)
        try:
            now = clock.travel(by, actor=self.actor)
        except DomainError as error:
            form.refuse_with(error)
            return False
        for job in SWEEPS:
            start_job(job)
        flash(filled(_("It is now %(time)s."), time=instant(now)), "success")
        return True


def in_the_demo() -> bool:
    return bool(current_app.config.get("DEMO"))
