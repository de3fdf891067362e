"""What is known of workers, when they work, and who works together."""

from typing import Any

from app.api.staff.base import StaffReadApi
from app.api.staff.money_verbs import (
    AccountRequest,
    AdjustRequest,
    AskedAdjustmentResponse,
    BatchResponse,
)
from app.api.staff.verbs import verb
from app.fab_interface import ModelInterface
from app.models import (
    Availability,
    BlockedTime,
    Experience,
    FaceCheck,
    Leave,
    Partner,
    PayoutAccount,
    PayoutBatch,
    PerformancePeriod,
    Reward,
    ShiftTemplate,
    Team,
    TeamMember,
    TrainingRecord,
    WorkerArea,
    WorkerBusy,
    WorkerDocument,
    WorkerSkill,
)
from app.services.money import adjustments, payouts


class StaffAvailabilityApi(StaffReadApi):
    datamodel = ModelInterface(Availability)
    resource_name = "wished-times"
    list_columns = ["id", "worker", "weekday", "from_minute", "to_minute"]
    show_columns = [*list_columns, "version"]
    search_columns = ["worker"]
    base_order = ("id", "desc")


class StaffExperienceApi(StaffReadApi):
    datamodel = ModelInterface(Experience)
    resource_name = "experience"
    list_columns = ["id", "worker", "employer", "work", "started_on", "ended_on"]
    show_columns = [*list_columns, "version"]
    search_columns = ["worker", "employer", "started_on"]
    base_order = ("id", "desc")


class StaffFaceCheckApi(StaffReadApi):
    datamodel = ModelInterface(FaceCheck)
    resource_name = "face-checks"
    list_columns = ["id", "worker", "status", "score", "attempts", "checked_at", "created_at"]
    show_columns = [*list_columns, "provider", "reference", "failure", "version"]
    search_columns = ["worker", "status", "created_at"]
    base_order = ("id", "desc")


class StaffBlockedTimeApi(StaffReadApi):
    datamodel = ModelInterface(BlockedTime)
    resource_name = "blocked-times"
    list_columns = ["id", "worker", "kind", "starts_at", "ends_at", "reason"]
    show_columns = [*list_columns, "created_at", "version"]
    search_columns = ["worker", "kind", "starts_at"]
    base_order = ("id", "desc")


class StaffLeaveApi(StaffReadApi):
    datamodel = ModelInterface(Leave)
    resource_name = "leave"
    list_columns = ["id", "worker", "starts_at", "ends_at", "reason", "status", "created_at"]
    show_columns = [*list_columns, "version"]
    search_columns = ["worker", "status", "starts_at"]
    base_order = ("id", "desc")


class StaffPartnerApi(StaffReadApi):
    datamodel = ModelInterface(Partner)
    resource_name = "partners"
    list_columns = ["id", "name", "code", "branch", "active"]
    show_columns = [*list_columns, "created_at", "version"]
    search_columns = ["name", "code", "branch", "active"]
    base_order = ("id", "desc")

    @verb(AdjustRequest, AskedAdjustmentResponse)
    def adjust(self, pk: int, body: dict[str, Any]) -> Any:
        return adjustments.request_partner_adjustment(pk, **body, actor=self.actor)

    @verb(AccountRequest)
    def change_account(self, pk: int, body: dict[str, Any]) -> None:
        payouts.change_account(pk, **body, actor=self.actor)

    @verb(response=BatchResponse)
    def pay_out(self, pk: int, body: dict[str, Any]) -> PayoutBatch:
        """Put all that is owed into the branch's draft of a payout batch."""
        return payouts.pay_out(pk, actor=self.actor)


class StaffPayoutAccountApi(StaffReadApi):
    datamodel = ModelInterface(PayoutAccount)
    resource_name = "payout-accounts"
    list_columns = ["id", "worker", "channel", "account_tail", "active", "created_at"]
    show_columns = [*list_columns, "version"]
    search_columns = ["worker", "channel", "active"]
    base_order = ("id", "desc")


class StaffPerformancePeriodApi(StaffReadApi):
    datamodel = ModelInterface(PerformancePeriod)
    resource_name = "performance"
    list_columns = ["id", "worker", "period_from", "period_to", "score", "grade", "status"]
    show_columns = [*list_columns, "terms", "created_at", "version"]
    search_columns = ["worker", "status", "period_from", "grade"]
    base_order = ("id", "desc")


class StaffRewardApi(StaffReadApi):
    datamodel = ModelInterface(Reward)
    resource_name = "rewards"
    list_columns = ["id", "worker", "kind", "amount_fen", "reason", "status", "created_at"]
    show_columns = [*list_columns, "version"]
    search_columns = ["worker", "kind", "status", "created_at"]
    base_order = ("id", "desc")


class StaffShiftTemplateApi(StaffReadApi):
    datamodel = ModelInterface(ShiftTemplate)
    resource_name = "shift-templates"
    list_columns = [
        "id", "name", "branch", "weekdays", "from_minute", "to_minute", "breaks", "active",
    ]  # fmt: skip
    show_columns = [*list_columns, "version"]
    search_columns = ["name", "branch", "active"]
    base_order = ("id", "desc")


class StaffTeamApi(StaffReadApi):
    datamodel = ModelInterface(Team)
    resource_name = "teams"
    list_columns = ["id", "name", "branch", "lead", "active"]
    show_columns = [*list_columns, "created_at", "version"]
    search_columns = ["name", "branch", "lead", "active"]
    base_order = ("id", "desc")


class StaffTeamMemberApi(StaffReadApi):
    datamodel = ModelInterface(TeamMember)
    resource_name = "team-members"
    list_columns = ["id", "team", "worker", "created_at"]
    show_columns = list_columns
    search_columns = ["team", "worker"]
    base_order = ("id", "desc")


class StaffTrainingRecordApi(StaffReadApi):
    datamodel = ModelInterface(TrainingRecord)
    resource_name = "training-records"
    list_columns = ["id", "worker", "course", "held_on", "hours", "score", "result", "valid_to"]
    show_columns = [*list_columns, "note", "created_at", "version"]
    search_columns = ["worker", "course", "result", "held_on", "valid_to"]
    base_order = ("id", "desc")


class StaffWorkerAreaApi(StaffReadApi):
    datamodel = ModelInterface(WorkerArea)
    resource_name = "worker-areas"
    list_columns = ["id", "worker", "area"]
    show_columns = [*list_columns, "version"]
    search_columns = ["worker", "area"]
    base_order = ("id", "desc")


class StaffWorkerBusyApi(StaffReadApi):
    datamodel = ModelInterface(WorkerBusy)
    resource_name = "taken-times"
    list_columns = ["id", "worker", "kind", "visit_start_at", "visit_end_at", "start_at", "end_at"]
    show_columns = [*list_columns, "owner"]
    search_columns = ["worker", "kind", "start_at"]
    base_order = ("id", "desc")


class StaffWorkerDocumentApi(StaffReadApi):
    datamodel = ModelInterface(WorkerDocument)
    resource_name = "documents"
    list_columns = ["id", "worker", "kind", "valid_to", "status", "created_at"]
    show_columns = [*list_columns, "version"]
    search_columns = ["worker", "kind", "status", "valid_to"]
    base_order = ("id", "desc")


class StaffWorkerSkillApi(StaffReadApi):
    datamodel = ModelInterface(WorkerSkill)
    resource_name = "worker-skills"
    list_columns = ["id", "worker", "skill", "level", "valid_from", "valid_to"]
    show_columns = [*list_columns, "version"]
    search_columns = ["worker", "skill", "level", "valid_to"]
    base_order = ("id", "desc")


APIS = (
    StaffAvailabilityApi,
    StaffExperienceApi,
    StaffFaceCheckApi,
    StaffBlockedTimeApi,
    StaffLeaveApi,
    StaffPartnerApi,
    StaffPayoutAccountApi,
    StaffPerformancePeriodApi,
    StaffRewardApi,
    StaffShiftTemplateApi,
    StaffTeamApi,
    StaffTeamMemberApi,
    StaffTrainingRecordApi,
    StaffWorkerAreaApi,
    StaffWorkerBusyApi,
    StaffWorkerDocumentApi,
    StaffWorkerSkillApi,
)
