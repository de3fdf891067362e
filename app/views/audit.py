"""Who did what, who came in, and what broke: for administrators and auditors."""

from typing import Any

import sqlalchemy as sa
from flask import abort, url_for
from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query

from app.models import ApplicationError, AuditLog
from app.services.system import app_errors, audit_reading, person_keys, system_log
from app.views import labels
from app.views.audit_words import differences, in_short, subject, who
from app.views.base import ModelInterface, RowFilter, row_action
from app.views.entities import Entities, screens
from app.views.formatters import link
from app.views.labels import word
from app.views.labels_events import AUDIT_ACTION
from app.views.privacy import RevealForm
from app.views.scoped import RecordView

LABELS: dict[str, Any] = {
    "at": _l("Time"),
    "actor": _l("Who"),
    "staff": _l("Member of staff"),
    "actor_kind": _l("Kind of actor"),
    "actor_id": _l("Actor's key"),
    "action": _l("Did what"),
    "entity": _l("Entity"),
    "entity_id": _l("Key"),
    "record": _l("Record"),
    "told": _l("Changes"),
    "address": _l("Network address"),
}
LOGGED = (
    system_log.LOGIN, system_log.LOGIN_FAILED, system_log.LOGOUT, system_log.REFUSAL,
    "booking", "payment", "export", "download", "reveal",
)  # fmt: skip
PERSON_TABLE = {"customer": "customer_account", "worker": "worker", "worker_account": "worker"}


class StaffIs(RowFilter):
    """A member of staff, by user name or name."""

    name, arg_name = _l("is"), "q"

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        text = self.parse(value)
        named = (User.username, User.first_name, User.last_name, User.last_name + User.first_name)
        people = sa.select(User.id).where(
            sa.or_(*(name.icontains(text, autoescape=True) for name in named))
        )
        return query.filter(AuditLog.actor_kind == "staff", AuditLog.actor_id.in_(people))


class KeyIs(RowFilter):
    """The whole key: parts of numbers find nothing that anybody looks for."""

    name, arg_name = _l("is"), "eq"

    def condition(self, column: Any, value: Any) -> Any:
        return column == value


class _Rows(RecordView):
    """What the audit log and the system log have in common."""

    show_columns = ["at", "actor", "action", "record", "address"]
    search_filters = {"staff": [StaffIs], "entity_id": [KeyIs], "address": [KeyIs]}
    label_columns = LABELS
    formatters_columns: Any = {"told": in_short, "actor": who, "record": subject}
    base_order = ("id", "desc")
    show_template = "system/audit.html"

    def name_of(self, row: AuditLog) -> str:
        return f"{word(AUDIT_ACTION, row.action)} · {self.noun} {row.id}"

    def show_context(self, row: AuditLog) -> dict[str, Any]:
        return {"changes": differences(row.entity, audit_reading.masked(row))}


def may_open(row: AuditLog) -> bool:
    """Whoever may not reveal values on the person's own page may not open them here either."""
    people = [PERSON_TABLE.get(kind, "") for kind, _key in person_keys.persons_of(row.person)]
    return audit_reading.has_personal(row) and all(
        _may_reveal(row.entity, table) for table in people or [""]
    )


def _may_reveal(*tables: str) -> bool:
    """On the first of the tables' screens that reveals anything."""
    found = [screen for table in tables if (screen := screens().get(table)) is not None]
    screen = next((one for one in found if "reveal" in one.row_actions), None)
    return screen is not None and bool(screen.holds("can_reveal"))


class AuditLogView(_Rows):
    route_base = "/audit"
    datamodel = ModelInterface(AuditLog)
    noun, noun_plural = _l("Audit row"), _l("Audit log")
    list_columns = ["at", "actor", "action", "record", "told", "address"]
    search_columns = [
        "at", "staff", "actor_kind", "actor_id", "action", "entity", "entity_id", "address",
    ]  # fmt: skip
    choices = {"actor_kind": labels.ACTOR_KIND, "action": AUDIT_ACTION, "entity": Entities()}

    @row_action("reveal", _l("Show personal values"), icon="fa-eye", form=RevealForm,
                when=may_open)  # fmt: skip
    def reveal(self, pk: int, form: RevealForm) -> str:
        row = self.row_or_404(pk)
        if not may_open(row):
            abort(403)
        told = audit_reading.opened(row, reason=form.why, actor=self.actor)
        return "; ".join(
            f"{name}: {before} → {after}" for name, before, after in differences(row.entity, told)
        )


def as_audit_row(key: int) -> Any:
    """The same row in the audit log, where all of it is shown."""
    return link(url_for("AuditLogView.show", pk=key), key)


class SystemLogView(_Rows):
    route_base = "/systemlog"
    datamodel = ModelInterface(AuditLog)
    noun, noun_plural = _l("Log entry"), _l("System log")
    base_permissions = ["can_list"]
    list_columns = ["at", "action", "actor", "record", "address", "told", "id"]
    formatters_columns = {**_Rows.formatters_columns, "id": as_audit_row}
    search_columns = ["at", "action", "staff", "actor_kind", "actor_id", "entity_id", "address"]
    choices = {
        "actor_kind": labels.ACTOR_KIND,
        "action": {action: AUDIT_ACTION[action] for action in LOGGED if action in AUDIT_ACTION},
    }
    badges = {
        "action": {
            "login": "good", "login_failed": "warn", "logout": "off", "refusal": "bad",
            "booking": "info", "payment": "good", "export": "info", "download": "info",
            "reveal": "warn",
        }
    }  # fmt: skip
    empty_text = _l("Nobody has signed in yet.")

    def scope(self, query: Query[Any]) -> Query[Any]:
        return super().scope(query).filter(AuditLog.action.in_(LOGGED))


class Solved(RowFilter):
    """yes: what somebody has mended."""

    name, arg_name, control = _l("is"), "eq", "boolean"

    def parse(self, text: str) -> bool:
        if text not in {"y", "n"}:
            raise ValueError("yes or no")
        return text == "y"

    def condition(self, column: Any, value: bool) -> Any:
        return column.is_not(None) if value else column.is_(None)


class ApplicationErrorView(RecordView):
    route_base = "/errors"
    datamodel = ModelInterface(ApplicationError)
    noun, noun_plural = _l("Application error"), _l("Application errors")
    list_columns = ["last_at", "kind", "place", "count", "last_path", "solved_at"]
    show_columns = [
        "kind", "place", "message", "count", "created_at", "last_at", "last_path", "solved_at",
    ]  # fmt: skip
    search_columns = ["kind", "place", "last_path", "last_at", "solved_at"]
    search_filters = {"solved_at": [Solved]}
    label_columns = {
        "kind": _l("Kind of error"),
        "place": _l("Place in the program"),
        "message": _l("Message"),
        "count": _l("How often"),
        "created_at": _l("First time"),
        "last_at": _l("Last time"),
        "last_path": _l("Page or job"),
        "solved_at": _l("Solved"),
    }
    base_order = ("last_at", "desc")
    empty_text = _l("No errors. Good.")
    show_template = "system/error.html"

    def name_of(self, row: ApplicationError) -> str:
        return row.kind

    @row_action("solve", _l("Mark as solved"), icon="fa-check",
                when=lambda error: error.solved_at is None)  # fmt: skip
    def solve(self, pk: int) -> None:
        app_errors.solve(pk, actor=self.actor)
