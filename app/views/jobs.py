"""Work in the background: its runs, how far they are, and the timetable."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import JobRun
from app.services.system import job_runs, timetable
from app.services.system.timetable import Daily, Sweep
from app.views import labels
from app.views.base import (
    BaseView,
    ModelInterface,
    expose,
    has_access,
    permission_name,
    row_action,
)
from app.views.base_polling import part_of_page
from app.views.formatters import EMPTY
from app.views.labels import word
from app.views.labels_machinery import JOB
from app.views.scoped import RecordView
from app.views.staff_names import name_of_staff


def _is_running(run: JobRun) -> bool:
    return run.status == "running"


def length(milliseconds: int | None) -> Any:
    """A duration as people say it: "0.4 s", "75 s", "12 min"."""
    if milliseconds is None:
        return EMPTY
    seconds = milliseconds / 1000
    if seconds < 10:
        return _("%(count)s s", count=f"{seconds:.1f}")
    if seconds < 120:
        return _("%(count)s s", count=round(seconds))
    return _("%(minutes)d min", minutes=round(seconds / 60))


class JobRunView(RecordView):
    route_base = "/jobs"
    datamodel = ModelInterface(JobRun)
    base_permissions = ["can_list", "can_show", "can_trace"]
    noun, noun_plural = _l("Job run"), _l("Job runs")
    list_columns = ["job", "state", "done", "total", "started_at", "finished_at", "error_class"]
    show_columns = ["job", "state", "period", "started_at", "finished_at", "asked_by_id"]
    search_columns = ["job", "state", "started_at"]
    label_columns = {
        "job": _l("Job"),
        "state": _l("Status"),
        "period": _l("Period"),
        "done": _l("Done"),
        "total": _l("Out of"),
        "started_at": _l("Started at"),
        "finished_at": _l("Finished at"),
        "asked_by_id": _l("Asked by"),
        "error_class": _l("Error"),
    }
    choices = {"state": labels.JOB_STATUS, "job": JOB}
    badges = {"state": labels.JOB_KINDS}
    formatters_columns = {"asked_by_id": name_of_staff}
    base_order = ("started_at", "desc")
    list_template = "jobs/list.html"
    show_template = "jobs/show.html"

    def name_of(self, row: JobRun) -> str:
        return f"{word(JOB, row.job)} {row.id}"

    def show_context(self, row: JobRun) -> dict[str, Any]:
        return {"run": row, "trace": row.trace if self.holds("can_trace") else None}

    @expose("/progress/<pk>", methods=["GET"])
    @has_access
    def progress(self, pk: str) -> Response:
        """How far the run is: a part of its page, asked for again and again."""
        run = self.row_or_404(pk)
        text = self.render_template("jobs/progress.html", run=run)
        return part_of_page(text, ended=not _is_running(run))

    @row_action("cancel", _l("Cancel this run"), icon="fa-stop", danger=True, multiple=False,
                confirm=_l("Ask this run to stop? What it has done so far stays."),
                when=lambda run: _is_running(run) and run.cancel_asked_at is None)  # fmt: skip
    def cancel(self, pk: int) -> str:
        job_runs.ask_to_cancel(pk, actor=self.actor)
        return str(_("The run is asked to stop; it does so at its next step."))

    @row_action("retry", _l("Try again"), icon="fa-rotate-right", multiple=False,
                when=job_runs.can_retry)  # fmt: skip
    def retry(self, pk: int) -> str:
        job_runs.retry(pk, actor=self.actor)
        return str(_("The job is started again."))


@dataclass(frozen=True)
class Line:
    """A job of the timetable as its page shows it."""

    name: str
    label: Any
    when: str
    entry: Any
    next_at: datetime

    @property
    def took(self) -> Any:
        return length(self.entry.milliseconds) if self.entry else EMPTY


class TimetableView(BaseView):
    route_base = "/timetable"
    default_view = "timetable"

    @expose("/", methods=["GET"])
    @has_access
    def timetable(self) -> Any:
        return self.render_template(
            "jobs/timetable.html", title=_("Timetable"), lines=_lines(),
            may_run=self.holds("can_run_now"),
            lead=_("What starts by itself. A job that is started by hand does nothing twice."),
        )  # fmt: skip

    @expose("/lines", methods=["GET"])
    @has_access
    @permission_name("timetable")
    def lines(self) -> Response:
        return part_of_page(
            self.render_template(
                "jobs/timetable_lines.html", lines=_lines(), may_run=self.holds("can_run_now")
            )
        )

    @expose("/run/<string:name>", methods=["POST"])
    @has_access
    def run_now(self, name: str) -> Any:
        timetable.run_now(name, actor=self.actor)
        flash(_("Started: %(job)s", job=word(JOB, name)), "success")
        return redirect(self.url_of("timetable"))


def _lines() -> list[Line]:
    known = timetable.entries()
    return [
        Line(name, word(JOB, name), _when(job), known.get(name), job.next_after(known.get(name)))
        for name, job in timetable.planned().items()
    ]


def _when(job: Sweep | Daily) -> str:
    if isinstance(job, Daily):
        return str(_("daily at %(time)s", time=job.at))
    seconds = int(job.every.total_seconds())
    if seconds < 60:
        return str(_("every %(count)d s", count=seconds))
    return str(_("every %(count)d min", count=seconds // 60))
