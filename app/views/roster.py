"""When workers work: shifts, leave, and what takes their time."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.models import BlockedTime, Leave, Order, Shift, SlotHold, WorkerBusy
from app.services import clock
from app.services.roster import blocking, leave, shifts
from app.views import labels
from app.views.base import ModelInterface, RowForm, row_action
from app.views.fields_calendar import BreaksField, spans
from app.views.in_templates import link_to
from app.views.labels import word
from app.views.labels_people import BLOCKED_KIND
from app.views.scoped import WORKERS, RecordView, ReferenceView

BREAKS = _l("For instance 12:00-13:00, 18:00-18:30; empty for none")


class ShiftView(ReferenceView):
    datamodel = ModelInterface(Shift)
    noun, noun_plural = _l("Shift"), _l("Shifts")
    list_columns = ["worker", "service_on", "starts_at", "ends_at", "breaks"]
    show_columns = list_columns
    search_columns = ["worker", "service_on"]
    add_columns = ["worker", "starts_at", "ends_at", "breaks"]
    edit_columns = ["starts_at", "ends_at", "breaks"]
    add_form_extra_fields = {"breaks": BreaksField(_l("Breaks"), description=BREAKS)}
    edit_form_extra_fields = add_form_extra_fields
    label_columns = {"service_on": _l("Day"), "breaks": _l("Breaks")}
    formatters_columns = {"breaks": spans}
    lookups = {"worker": WORKERS}
    base_order = ("starts_at", "desc")
    empty_next = _l("Without shifts nobody can be booked. Add the first one.")

    def name_of(self, row: Shift) -> str:
        return f"{row.worker} {row.service_on}"

    def create(self, form: RowForm) -> Shift:
        hours = form["starts_at"].data, form["ends_at"].data
        breaks = form["breaks"].data or ()
        worker_id = form["worker"].data.id
        return shifts.add_shift(worker_id, *hours, breaks=breaks, actor=self.actor)

    def change(self, row: Shift, form: RowForm) -> None:
        hours = form["starts_at"].data, form["ends_at"].data
        shifts.change_shift(row.id, *hours, breaks=form["breaks"].data or (), actor=self.actor)

    def remove(self, row: Shift) -> None:
        shifts.remove_shift(row.id, actor=self.actor)


class LeaveView(RecordView):
    datamodel = ModelInterface(Leave)
    noun, noun_plural = _l("Leave"), _l("Leave")
    list_columns = ["worker", "starts_at", "ends_at", "reason", "status", "created_at"]
    show_columns = list_columns
    search_columns = ["worker", "status", "starts_at"]
    choices = {"status": labels.LEAVE_STATUS}
    badges = {"status": labels.LEAVE_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("starts_at", "desc")
    empty_text = _l("Nobody has asked for leave.")

    def name_of(self, row: Leave) -> str:
        return f"{row.worker} {clock.city_date(row.starts_at)}"

    @row_action("approve", _l("Approve"), icon="fa-check", main=True,
                when=lambda row: row.status == "asked")  # fmt: skip
    def approve(self, pk: int) -> None:
        leave.approve(pk, actor=self.actor)

    @row_action("refuse", _l("Refuse"), icon="fa-xmark", danger=True,
                confirm=_l("Refuse this leave?"),
                when=lambda row: row.status == "asked")  # fmt: skip
    def refuse(self, pk: int) -> None:
        leave.refuse(pk, actor=self.actor)


class BlockedTimeView(ReferenceView):
    base_permissions = ["can_list", "can_show", "can_add", "can_delete"]
    datamodel = ModelInterface(BlockedTime)
    noun, noun_plural = _l("Blocked time"), _l("Blocked times")
    list_columns = ["worker", "kind", "starts_at", "ends_at", "reason", "created_at"]
    show_columns = list_columns
    search_columns = ["worker", "kind", "starts_at"]
    add_columns = ["worker", "kind", "starts_at", "ends_at", "reason"]
    choices = {"kind": BLOCKED_KIND}
    lookups = {"worker": WORKERS}
    base_order = ("starts_at", "desc")

    def name_of(self, row: BlockedTime) -> str:
        return f"{row.worker} {clock.city_date(row.starts_at)}"

    def create(self, form: RowForm) -> BlockedTime:
        return blocking.block_time(
            form["worker"].data.id, form["starts_at"].data, form["ends_at"].data,
            kind=form["kind"].data, reason=form["reason"].data or "", actor=self.actor,
        )  # fmt: skip

    def remove(self, row: BlockedTime) -> None:
        blocking.unblock_time(row.id, actor=self.actor)


# Kind of owner of a claim -> its table, and the screen of its rows.
OWNERS: Mapping[str, tuple[type[Any], str]] = {
    "order": (Order, "OrderView"),
    "hold": (SlotHold, "SlotHoldView"),
    "leave": (Leave, "LeaveView"),
    "blocked": (BlockedTime, "BlockedTimeView"),
}


def taken_by(owner: str) -> Any:
    """What the time is taken for, as a link for whoever may open it."""
    kind, _colon, key = owner.partition(":")
    model, page = OWNERS.get(kind, (None, ""))
    row = db.session.get(model, int(key)) if model and key.isdigit() else None
    if row is None:
        return owner
    named = getattr(row, "number", None) or word(labels.BUSY_KIND, kind)
    return link_to(page, row.id, str(named))


class WorkerBusyView(RecordView):
    datamodel = ModelInterface(WorkerBusy)
    noun, noun_plural = _l("Taken time"), _l("Taken times")
    list_columns = ["worker", "kind", "visit_start_at", "visit_end_at", "start_at", "end_at"]
    show_columns = [*list_columns, "owner"]
    search_columns = ["worker", "kind", "start_at"]
    label_columns = {
        "visit_start_at": _l("Visit from"),
        "visit_end_at": _l("Visit to"),
        "start_at": _l("Taken from"),
        "end_at": _l("Taken to"),
        "owner": _l("Taken by"),
    }
    choices = {"kind": labels.BUSY_KIND}
    formatters_columns = {"owner": taken_by}
    lookups = {"worker": WORKERS}
    base_order = ("start_at", "desc")

    def name_of(self, row: WorkerBusy) -> str:
        return f"{row.worker} {clock.city_date(row.visit_start_at)}"
