"""What changes a price or a day, what skills are asked for, and where it is sold."""

from app.api.staff.base import StaffApi, StaffReadApi
from app.fab_interface import ModelInterface
from app.models import Area, Branch, Checklist, Holiday, PriceRule, Region, Skill, SkillRequirement


class StaffAreaApi(StaffReadApi):
    datamodel = ModelInterface(Area)
    resource_name = "areas"
    list_columns = ["id", "name", "branch", "travel_fee_fen", "active"]
    show_columns = [*list_columns, "name_en", "code", "version"]
    search_columns = ["name", "branch", "active"]
    base_order = ("id", "desc")


class StaffBranchApi(StaffReadApi):
    datamodel = ModelInterface(Branch)
    resource_name = "branches"
    list_columns = ["id", "name", "code", "city_code"]
    show_columns = [*list_columns, "version"]
    search_columns = ["name", "code"]
    base_order = ("id", "desc")


class StaffChecklistApi(StaffApi):
    datamodel = ModelInterface(Checklist)
    resource_name = "checklists"
    list_columns = ["id", "service", "position", "text", "required", "active"]
    show_columns = [*list_columns, "text_en", "created_at", "version"]
    search_columns = ["service", "text", "required", "active"]
    add_columns = edit_columns = ["service", "text", "text_en", "position", "required", "active"]
    base_order = ("id", "desc")


class StaffHolidayApi(StaffApi):
    datamodel = ModelInterface(Holiday)
    resource_name = "holidays"
    list_columns = ["id", "day", "kind", "name", "name_en"]
    show_columns = [*list_columns, "version"]
    search_columns = ["day", "kind", "name"]
    add_columns = edit_columns = ["day", "kind", "name", "name_en"]
    base_order = ("id", "desc")


class StaffPriceRuleApi(StaffReadApi):
    datamodel = ModelInterface(PriceRule)
    resource_name = "price-rules"
    list_columns = [
        "id", "name", "kind", "service", "area", "weekdays", "rate_bp", "amount_fen", "valid_from",
        "valid_to", "active",
    ]  # fmt: skip
    show_columns = [*list_columns, "name_en", "from_minute", "to_minute", "version"]
    search_columns = ["name", "kind", "service", "area", "active"]
    base_order = ("id", "desc")


class StaffRegionApi(StaffReadApi):
    datamodel = ModelInterface(Region)
    resource_name = "regions"
    list_columns = ["id", "code", "name", "name_en", "parent_code"]
    show_columns = list_columns
    search_columns = ["code", "name", "name_en", "parent_code"]
    base_order = ("id", "desc")


class StaffSkillApi(StaffApi):
    datamodel = ModelInterface(Skill)
    resource_name = "skills"
    list_columns = ["id", "name", "name_en", "code"]
    show_columns = [*list_columns, "version"]
    search_columns = ["name", "code"]
    add_columns = edit_columns = ["code", "name", "name_en"]
    base_order = ("id", "desc")


class StaffSkillRequirementApi(StaffReadApi):
    datamodel = ModelInterface(SkillRequirement)
    resource_name = "skill-requirements"
    list_columns = ["id", "service", "skill", "level"]
    show_columns = [*list_columns, "version"]
    search_columns = ["service", "skill"]
    base_order = ("id", "desc")


APIS = (
    StaffAreaApi,
    StaffBranchApi,
    StaffChecklistApi,
    StaffHolidayApi,
    StaffPriceRuleApi,
    StaffRegionApi,
    StaffSkillApi,
    StaffSkillRequirementApi,
)
