"""Incidents, messages, imports, backups, timers and runs of jobs."""

from functools import partial
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Query

from app.api.fields import Text
from app.api.schemas import Request
from app.api.staff.base import StaffReadApi
from app.api.staff.money_verbs import ApproveRequest, DecidedResponse, RefuseRequest
from app.api.staff.verbs import verb
from app.fab_interface import ModelInterface
from app.models import (
    Approval,
    Backup,
    ImportBatch,
    Incident,
    JobRun,
    Note,
    Notification,
    NotificationTemplate,
    Outbox,
    RestoreJob,
    SavedView,
    Timer,
)
from app.services import access
from app.services.system import approvals, notes
from app.services.visits import absence


class StaffApprovalApi(StaffReadApi):
    datamodel = ModelInterface(Approval)
    resource_name = "approvals"
    list_columns = ["id", "kind", "summary", "asked_by_id", "created_at", "expires_at", "status"]
    show_columns = [
        *list_columns, "reason", "decided_by_id", "decided_at", "decision_note", "version",
    ]  # fmt: skip
    search_columns = ["kind", "status", "created_at"]
    base_order = ("id", "desc")

    def scope(self, query: Query[Any]) -> Query[Any]:
        """What one may decide and what one asked for; the auditor sees all."""
        inside, roles = super().scope(query), access.roles_of(self.actor)
        if "auditor" in roles:
            return inside
        mine = Approval.kind.in_(approvals.kinds_decided_by(roles))
        return inside.filter(mine | (Approval.asked_by_id == self.actor.id))

    @verb(ApproveRequest, DecidedResponse)
    def approve(self, pk: int, body: dict[str, Any]) -> Any:
        return approvals.decide(pk, approve=True, note=body["note"], actor=self.actor)

    @verb(RefuseRequest, DecidedResponse)
    def refuse(self, pk: int, body: dict[str, Any]) -> Any:
        return approvals.decide(pk, approve=False, note=body["note"], actor=self.actor)


class StaffBackupApi(StaffReadApi):
    datamodel = ModelInterface(Backup)
    resource_name = "backups"
    list_columns = ["id", "created_at", "status", "size_bytes", "finished_at", "proved_at"]
    show_columns = [*list_columns, "sha256", "schema", "failure", "version"]
    search_columns = ["status", "created_at"]
    base_order = ("id", "desc")


class StaffImportBatchApi(StaffReadApi):
    datamodel = ModelInterface(ImportBatch)
    resource_name = "imports"
    list_columns = ["id", "created_at", "kind", "file_name", "rows", "staff_id", "status"]
    show_columns = [*list_columns, "sha256", "errors", "version"]
    search_columns = ["kind", "file_name", "status", "created_at"]
    base_order = ("id", "desc")


class AbsenceDecision(Request):
    """Whether customer service believes that nobody was at home."""

    confirm = fields.Boolean(required=True)
    note = Text(200, low=2, required=True)


class StaffIncidentApi(StaffReadApi):
    datamodel = ModelInterface(Incident)
    resource_name = "incidents"
    list_columns = [
        "id", "created_at", "kind", "severity", "order", "worker", "handler_id", "status",
    ]  # fmt: skip
    show_columns = [*list_columns, "text", "branch", "solved_at", "outcome", "version"]
    search_columns = ["kind", "severity", "status", "order", "worker", "branch", "created_at"]
    base_order = ("id", "desc")

    @verb(AbsenceDecision)
    def decide_absence(self, pk: int, body: dict[str, Any]) -> None:
        absence.decide(pk, **body, actor=self.actor)


class StaffJobRunApi(StaffReadApi):
    datamodel = ModelInterface(JobRun)
    resource_name = "job-runs"
    list_columns = ["id", "job", "done", "total", "started_at", "finished_at", "error_class"]
    show_columns = [*list_columns, "period", "asked_by_id"]
    search_columns = ["job", "started_at", "asked_by_id"]
    base_order = ("id", "desc")


class StaffNotificationApi(StaffReadApi):
    datamodel = ModelInterface(Notification)
    resource_name = "in-app-messages"
    list_columns = ["id", "created_at", "recipient_kind", "recipient_id", "kind", "read_at"]
    show_columns = list_columns
    search_columns = ["recipient_kind", "recipient_id", "kind", "created_at"]
    base_order = ("id", "desc")


class StaffNotificationTemplateApi(StaffReadApi):
    datamodel = ModelInterface(NotificationTemplate)
    resource_name = "message-templates"
    list_columns = ["id", "event", "channel", "role", "text", "active"]
    show_columns = [*list_columns, "title", "title_en", "text_en", "outside_id", "version"]
    search_columns = ["event", "channel", "role", "active"]
    base_order = ("id", "desc")


class StaffOutboxApi(StaffReadApi):
    datamodel = ModelInterface(Outbox)
    resource_name = "outbox"
    list_columns = ["id", "created_at", "topic", "subject_id", "delivered_at", "attempts"]
    show_columns = [*list_columns, "leased_until", "given_up_at"]
    search_columns = ["topic", "subject_id"]
    base_order = ("id", "desc")


class StaffRestoreJobApi(StaffReadApi):
    datamodel = ModelInterface(RestoreJob)
    resource_name = "restores"
    list_columns = ["id", "created_at", "backup_id", "scope", "entities", "status"]
    show_columns = [*list_columns, "version"]
    search_columns = ["status", "created_at"]
    base_order = ("id", "desc")


class StaffTimerApi(StaffReadApi):
    datamodel = ModelInterface(Timer)
    resource_name = "timers"
    list_columns = ["id", "kind", "subject_id", "due_at", "status", "attempts"]
    show_columns = [*list_columns, "created_at", "finished_at"]
    search_columns = ["kind", "subject_id", "status", "due_at"]
    base_order = ("id", "desc")


class StaffNoteApi(StaffReadApi):
    datamodel = ModelInterface(Note)
    resource_name = "notes"
    list_columns = ["id", "created_at", "subject_kind", "subject_id", "text", "staff", "pinned"]
    show_columns = [*list_columns, "version"]
    search_columns = ["subject_kind", "subject_id", "text", "pinned", "created_at"]
    base_order = ("id", "desc")

    def scope(self, query: Query[Any]) -> Query[Any]:
        """Notes on what one may open oneself."""
        may_open = partial(self.appbuilder.sm.has_access, "can_show")
        return notes.readable(super().scope(query), may_open)


class StaffSavedViewApi(StaffReadApi):
    datamodel = ModelInterface(SavedView)
    resource_name = "saved-views"
    list_columns = ["id", "name", "path", "query", "shared"]
    show_columns = [*list_columns, "created_at", "version"]
    search_columns = ["name", "path", "shared"]
    base_order = ("id", "desc")

    def scope(self, query: Query[Any]) -> Query[Any]:
        """One's own, and what others share."""
        return query.filter((SavedView.staff_id == self.actor.id) | SavedView.shared)


APIS = (
    StaffNoteApi,
    StaffSavedViewApi,
    StaffApprovalApi,
    StaffBackupApi,
    StaffImportBatchApi,
    StaffIncidentApi,
    StaffJobRunApi,
    StaffNotificationApi,
    StaffNotificationTemplateApi,
    StaffOutboxApi,
    StaffRestoreJobApi,
    StaffTimerApi,
)
