"""Reviews, complaints and what is learned from them."""

from app.api.staff.base import StaffApi, StaffReadApi
from app.fab_interface import ModelInterface
from app.models import (
    Cause,
    Complaint,
    CorrectiveAction,
    Feedback,
    Review,
    ReviewAppeal,
    ReviewReply,
)


class StaffCauseApi(StaffApi):
    datamodel = ModelInterface(Cause)
    resource_name = "causes"
    list_columns = ["id", "name", "parent", "party", "code", "active"]
    show_columns = [*list_columns, "name_en", "version"]
    search_columns = ["name", "parent", "party", "active"]
    add_columns = edit_columns = ["code", "name", "name_en", "party", "parent", "active"]
    base_order = ("id", "desc")


class StaffComplaintApi(StaffReadApi):
    datamodel = ModelInterface(Complaint)
    resource_name = "complaints"
    list_columns = [
        "id", "number", "customer", "category", "severity", "handler", "status", "created_at",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "order", "worker", "source", "text", "branch", "answer_by", "answered_at",
        "solve_by", "resolved_at", "reopened", "proposal", "result", "cause", "version",
    ]  # fmt: skip
    search_columns = [
        "number", "status", "severity", "category", "handler", "customer", "order", "worker",
        "branch", "created_at",
    ]  # fmt: skip
    base_order = ("id", "desc")


class StaffCorrectiveActionApi(StaffReadApi):
    datamodel = ModelInterface(CorrectiveAction)
    resource_name = "measures"
    list_columns = ["id", "text", "complaint", "cause", "owner", "due_at", "status"]
    show_columns = [*list_columns, "outcome", "created_at", "version"]
    search_columns = ["complaint", "cause", "owner", "status", "due_at"]
    base_order = ("id", "desc")


class StaffFeedbackApi(StaffReadApi):
    datamodel = ModelInterface(Feedback)
    resource_name = "feedback"
    list_columns = ["id", "created_at", "actor_kind", "kind", "text", "status"]
    show_columns = [*list_columns, "answer", "version"]
    search_columns = ["actor_kind", "kind", "text", "status", "created_at"]
    base_order = ("id", "desc")


class StaffReviewApi(StaffReadApi):
    datamodel = ModelInterface(Review)
    resource_name = "reviews"
    list_columns = [
        "id", "order", "worker", "quality", "attitude", "skill", "text", "status", "created_at",
    ]  # fmt: skip
    show_columns = [*list_columns, "version"]
    search_columns = ["order", "worker", "quality", "status", "created_at"]
    base_order = ("id", "desc")


class StaffReviewAppealApi(StaffReadApi):
    datamodel = ModelInterface(ReviewAppeal, load=("review.order",))
    resource_name = "review-appeals"
    list_columns = ["id", "worker", "reason", "status", "created_at"]
    show_columns = [*list_columns, "decided_by_id", "decided_at", "decision", "version"]
    search_columns = ["worker", "status", "created_at"]
    base_order = ("id", "desc")


class StaffReviewReplyApi(StaffReadApi):
    datamodel = ModelInterface(ReviewReply, load=("review.order",))
    resource_name = "review-replies"
    list_columns = ["id", "actor_kind", "text", "created_at"]
    show_columns = [*list_columns, "version"]
    search_columns = ["actor_kind", "text", "created_at"]
    base_order = ("id", "desc")


APIS = (
    StaffCauseApi,
    StaffComplaintApi,
    StaffCorrectiveActionApi,
    StaffFeedbackApi,
    StaffReviewApi,
    StaffReviewAppealApi,
    StaffReviewReplyApi,
)
