"""What the system does by itself, and who did what."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.models import AuditLog, Outbox, Timer
from app.services.system import outbox, timers
from app.views import labels
from app.views.base import ModelInterface, RowFilter, row_action
from app.views.labels_codes import AUDIT_ACTION, TIMER_KIND, TOPIC
from app.views.scoped import RecordView
from app.views.staff_names import name_of_staff

SHORT = 140


class TimerView(RecordView):
    route_base = "/timers"
    datamodel = ModelInterface(Timer)
    noun, noun_plural = _l("Timer"), _l("Timers")
    list_columns = ["kind", "subject_id", "due_at", "status", "attempts", "last_error"]
    show_columns = [*list_columns, "created_at", "finished_at"]
    search_columns = ["kind", "subject_id", "status", "due_at"]
    label_columns = {
        "subject_id": _l("Subject's key"),
        "due_at": _l("Due at"),
        "attempts": _l("Tries"),
        "last_error": _l("Last error"),
        "finished_at": _l("Finished at"),
    }
    choices = {"status": labels.TIMER_STATUS, "kind": TIMER_KIND}
    badges = {"status": labels.TIMER_KINDS}
    base_order = ("due_at", "desc")

    @row_action("retry", _l("Try again"), icon="fa-rotate-right",
                when=lambda timer: timer.status == "failed")  # fmt: skip
    def retry(self, pk: int) -> None:
        timers.retry(pk, actor=self.actor)


class Undelivered(RowFilter):
    """yes: what has not arrived yet."""

    name, arg_name, control = _l("is"), "eq", "boolean"

    def parse(self, text: str) -> bool:
        if text not in {"y", "n"}:
            raise ValueError("yes or no")
        return text == "n"

    def condition(self, column: Any, value: bool) -> Any:
        return column.is_(None) if value else column.is_not(None)


class OutboxView(RecordView):
    route_base = "/outbox"
    datamodel = ModelInterface(Outbox)
    noun, noun_plural = _l("Message"), _l("Outbox")
    list_columns = ["created_at", "topic", "subject_id", "delivered_at", "attempts", "last_error"]
    show_columns = [*list_columns, "payload", "leased_until", "given_up_at"]
    search_columns = ["topic", "subject_id", "delivered_at", "given_up_at"]
    search_filters = {"delivered_at": [Undelivered], "given_up_at": [Undelivered]}
    label_columns = {
        "topic": _l("Topic"),
        "subject_id": _l("Subject's key"),
        "delivered_at": _l("Delivered"),
        "attempts": _l("Tries"),
        "last_error": _l("Last error"),
        "payload": _l("Content"),
        "leased_until": _l("Next try"),
        "given_up_at": _l("Given up"),
    }
    choices = {"topic": TOPIC}
    base_order = ("id", "desc")

    @row_action("retry", _l("Try again"), icon="fa-rotate-right",
                when=lambda message: message.given_up_at and not message.delivered_at)  # fmt: skip
    def retry(self, pk: int) -> None:
        outbox.retry(pk, actor=self.actor)


def changed(value: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """{column: [before, after]}, or other facts {name: value}, as (name, before, after)."""
    told = []
    for name, change in (value or {}).items():
        pair = change if isinstance(change, list) and len(change) == 2 else [None, change]
        before, after = ("" if part is None else str(part) for part in pair)
        told.append((name, before, after))
    return told


def in_short(value: Mapping[str, Any] | None) -> str:
    """For the list; the page of the row shows everything."""
    told = (
        f"{name}: {before} → {after}" if before else f"{name}: {after}"
        for name, before, after in changed(value)
    )
    text = "; ".join(told)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def who(actor: tuple[str, int | None]) -> str:
    kind, key = actor
    label = labels.ACTOR_KIND.get(kind, kind)
    if kind == "staff":
        return f"{label} {name_of_staff(key)}"
    return str(label) if key is None else f"{label} {key}"


class AuditLogView(RecordView):
    route_base = "/audit"
    datamodel = ModelInterface(AuditLog)
    noun, noun_plural = _l("Audit row"), _l("Audit log")
    list_columns = ["at", "actor", "action", "entity", "entity_id", "changes"]
    show_columns = ["at", "actor", "action", "entity", "entity_id", "address"]
    search_columns = ["at", "actor_kind", "actor_id", "action", "entity", "entity_id"]
    label_columns = {
        "at": _l("Time"),
        "actor": _l("Who"),
        "actor_kind": _l("Kind of actor"),
        "actor_id": _l("Actor's key"),
        "action": _l("Did what"),
        "entity": _l("Table"),
        "entity_id": _l("Key"),
        "changes": _l("Changes"),
        "address": _l("Network address"),
    }
    formatters_columns = {"changes": in_short, "actor": who}
    choices = {"actor_kind": labels.ACTOR_KIND, "action": AUDIT_ACTION}
    base_order = ("id", "desc")
    show_template = "system/audit.html"

    def show_context(self, row: AuditLog) -> dict[str, Any]:
        return {"changes": changed(row.changes)}
