"""What the system does by itself."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.models import Outbox, Timer
from app.services.system import outbox, timers
from app.views import labels
from app.views.base import ModelInterface, RowFilter, row_action
from app.views.labels_machinery import TIMER_KIND, TOPIC
from app.views.scoped import RecordView


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
