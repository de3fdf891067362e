"""What is sold. Publishing is a verb of the screens."""

from app.api.staff.base import StaffApi
from app.fab_interface import ModelInterface
from app.models import Category, Option, OptionGroup, Service

NAMES = ["code", "name", "name_en"]


class StaffCategoryApi(StaffApi):
    datamodel = ModelInterface(Category)
    resource_name = "categories"
    list_columns = ["id", *NAMES, "parent", "position", "active"]
    show_columns = [*list_columns, "version"]
    search_columns = ["name", "code", "active"]
    add_columns = edit_columns = [*NAMES, "parent", "position", "active"]
    base_order = ("position", "asc")


class StaffServiceApi(StaffApi):
    datamodel = ModelInterface(Service)
    resource_name = "services"
    list_columns = ["id", *NAMES, "category", "price_fen", "minutes", "published"]
    show_columns = [
        *list_columns, "description", "unit", "buffer_before_minutes", "buffer_after_minutes",
        "crew_size", "days_most", "from_minute", "to_minute", "pay_mode", "warranty_days",
        "position", "version",
    ]  # fmt: skip
    search_columns = ["name", "code", "published"]
    add_columns = edit_columns = [
        *NAMES, "category", "description", "unit", "price_fen", "minutes",
        "buffer_before_minutes", "buffer_after_minutes", "crew_size", "days_most", "from_minute",
        "to_minute", "warranty_days", "position",
    ]  # fmt: skip
    base_order = ("position", "asc")


class StaffOptionGroupApi(StaffApi):
    datamodel = ModelInterface(OptionGroup)
    resource_name = "option-groups"
    list_columns = ["id", *NAMES, "service", "kind", "required", "position"]
    show_columns = [*list_columns, "version"]
    search_columns = ["name", "service"]
    add_columns = edit_columns = [*NAMES, "service", "kind", "required", "position"]
    base_order = ("id", "asc")


class StaffOptionApi(StaffApi):
    datamodel = ModelInterface(Option)
    resource_name = "options"
    list_columns = ["id", *NAMES, "group", "price_fen", "minutes", "max_quantity", "active"]
    show_columns = [*list_columns, "position", "version"]
    search_columns = ["name", "group", "active"]
    add_columns = edit_columns = [
        *NAMES, "group", "price_fen", "minutes", "max_quantity", "position", "active",
    ]  # fmt: skip
    base_order = ("id", "asc")
