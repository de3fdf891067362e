"""Workers and their shifts, to be read. Phones and homes are left to the screens."""

from app.api.staff.base import StaffReadApi
from app.fab_interface import ModelInterface
from app.models import Shift, Worker


class StaffWorkerApi(StaffReadApi):
    datamodel = ModelInterface(Worker)
    resource_name = "workers"
    list_columns = [
        "id", "number", "name", "kind", "partner", "status", "level", "daily_cap",
        "rating_sum", "rating_count",
    ]  # fmt: skip
    show_columns = [*list_columns, "introduction", "radius_km", "created_at"]
    search_columns = ["number", "name", "status", "kind"]
    base_order = ("id", "asc")


class StaffShiftApi(StaffReadApi):
    datamodel = ModelInterface(Shift)
    resource_name = "shifts"
    list_columns = ["id", "worker", "service_on", "starts_at", "ends_at"]
    show_columns = list_columns
    search_columns = ["worker", "service_on"]
    base_order = ("id", "desc")
