"""What is sold: categories, services, their options and skills."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import NumberRange, Optional, Regexp

from app.domain.calendar import end_after
from app.models import Category, Option, OptionGroup, Service, Skill, SkillRequirement
from app.services.catalog import publishing
from app.views import labels
from app.views.base import Lookup, ModelInterface, RowForm, row_action
from app.views.catalog_rules import ChecklistView, PriceRuleView
from app.views.fields_calendar import MinuteField, minute
from app.views.formatters import minutes
from app.views.scoped import NAMES, SERVICES, SKILLS, ReferenceView, long_text

CODE = [Regexp(r"^[a-z0-9][a-z0-9_-]*$", message=_l("Small letters, digits, - and _ only"))]
CATEGORIES = Lookup(search=("name",), order="position", small=True)
LEVELS = {"level": [NumberRange(1, 5, message=_l("A level is a number from 1 to 5"))]}


class CategoryView(ReferenceView):
    datamodel = ModelInterface(Category)
    noun, noun_plural = _l("Category"), _l("Categories")
    list_columns = ["name", "parent", "code", "position", "active"]
    show_columns = ["name", "name_en", "parent", "code", "position", "active"]
    search_columns = ["name", "parent", "active"]
    add_columns = edit_columns = ["name", "name_en", "parent", "code", "position", "active"]
    label_columns = {**NAMES, "parent": _l("Part of")}
    lookups = {"parent": CATEGORIES}
    validators_columns = {"code": CODE}
    base_order = ("position", "asc")
    empty_next = _l("Add the first category, then services in it.")


class SkillView(ReferenceView):
    datamodel = ModelInterface(Skill)
    noun, noun_plural = _l("Skill"), _l("Skills")
    list_columns = ["name", "name_en", "code"]
    show_columns = add_columns = edit_columns = ["name", "name_en", "code"]
    search_columns = ["name", "code"]
    label_columns = NAMES
    validators_columns = {"code": CODE}
    base_order = ("code", "asc")
    empty_next = _l("Add the skills that services ask for and workers have.")


class SkillRequirementView(ReferenceView):
    datamodel = ModelInterface(SkillRequirement)
    noun, noun_plural = _l("Required skill"), _l("Required skills")
    list_columns = ["service", "skill", "level"]
    show_columns = add_columns = edit_columns = ["service", "skill", "level"]
    search_columns = ["service", "skill"]
    label_columns = {"skill": _l("Skill"), "level": _l("Least level")}
    description_columns = {"level": _l("1 is a beginner, 5 a master")}
    lookups = {"service": SERVICES, "skill": SKILLS}
    validators_columns = LEVELS
    empty_next = _l("A service without a required skill cannot be published.")


class OptionView(ReferenceView):
    datamodel = ModelInterface(Option, load=("group.service",))
    noun, noun_plural = _l("Option"), _l("Options")
    list_columns = ["name", "group", "group.service", "price_fen", "minutes", "active"]
    show_columns = [
        "group.service", "group", "name", "name_en", "code", "price_fen", "minutes",
        "max_quantity", "skill", "position", "active",
    ]  # fmt: skip
    search_columns = ["name", "group", "active"]
    add_columns = edit_columns = [
        "group", "name", "name_en", "code", "price_fen", "minutes", "max_quantity", "skill",
        "position", "active",
    ]  # fmt: skip
    label_columns = {
        **NAMES,
        "group": _l("Question"),
        "group.service": _l("Service"),
        "price_fen": _l("Extra price"),
        "minutes": _l("Extra time"),
        "max_quantity": _l("Largest quantity"),
        "skill": _l("Extra skill"),
    }
    formatters_columns = {"minutes": minutes}
    description_columns = {"minutes": _l("In minutes")}
    lookups = {
        "group": Lookup(
            search=("name",), label=lambda group: f"{group.service} · {group}", load=("service",)
        ),
        "skill": SKILLS,
    }
    validators_columns = {"code": CODE, "max_quantity": [NumberRange(1, 99)]}
    base_order = ("position", "asc")


class OptionGroupView(ReferenceView):
    datamodel = ModelInterface(OptionGroup)
    noun, noun_plural = _l("Question with options"), _l("Questions with options")
    list_columns = ["name", "service", "kind", "required", "position"]
    show_columns = ["service", "name", "name_en", "code", "kind", "required", "position"]
    search_columns = ["name", "service", "kind"]
    add_columns = edit_columns = show_columns
    label_columns = {**NAMES, "required": _l("Must be answered")}
    choices = {"kind": labels.OPTION_KIND}
    lookups = {"service": SERVICES}
    validators_columns = {"code": CODE}
    base_order = ("position", "asc")
    related_views = [OptionView]


class ServiceView(ReferenceView):
    datamodel = ModelInterface(Service)
    noun, noun_plural = _l("Service"), _l("Services")
    list_columns = ["name", "category", "price_fen", "unit", "minutes", "crew_size", "published"]
    show_fieldsets = [
        (_l("What it is"), {"fields": ["name", "name_en", "category", "code", "description"]}),
        (_l("Price"), {"fields": ["price_fen", "unit", "pay_mode", "published"]}),
        (
            _l("Time and crew"),
            {
                "fields": [
                    "minutes", "buffer_before_minutes", "buffer_after_minutes", "crew_size",
                    "days_most", "from_minute", "to_minute", "warranty_days", "position",
                ]
            },
        ),
    ]  # fmt: skip
    search_columns = ["name", "category", "published", "price_fen"]
    add_columns = edit_columns = [
        "name", "name_en", "category", "code", "description", "price_fen", "unit", "pay_mode",
        "minutes", "buffer_before_minutes", "buffer_after_minutes", "crew_size", "days_most",
        "from_minute", "to_minute", "warranty_days", "position",
    ]  # fmt: skip
    label_columns = {
        **NAMES,
        "category": _l("Category"),
        "unit": _l("Unit"),
        "minutes": _l("Duration"),
        "buffer_before_minutes": _l("Buffer before"),
        "buffer_after_minutes": _l("Buffer after"),
        "crew_size": _l("Crew"),
        "days_most": _l("Days in a row at most"),
        "from_minute": _l("Own hours from"),
        "to_minute": _l("Own hours to"),
        "pay_mode": _l("Payment"),
        "warranty_days": _l("Warranty (days)"),
        "published": _l("Published"),
    }
    add_form_extra_fields = {
        "description": long_text(_l("Description"), most=1000),
        "from_minute": MinuteField(_l("Own hours from"), validators=[Optional()]),
        "to_minute": MinuteField(_l("Own hours to"), validators=[Optional()], end=True),
    }
    edit_form_extra_fields = add_form_extra_fields
    description_columns = {
        "minutes": _l("In minutes"),
        "buffer_before_minutes": _l("In minutes"),
        "buffer_after_minutes": _l("In minutes"),
        "unit": _l("For instance: visit, machine, hour"),
        "days_most": _l("One visit a day; 1 for a service of one visit"),
        "from_minute": _l("Empty: the hours of the house"),
        "to_minute": _l("Not after the start: on the next day"),
    }
    formatters_columns = {
        "minutes": minutes,
        "buffer_before_minutes": minutes,
        "buffer_after_minutes": minutes,
        "from_minute": minute,
        "to_minute": minute,
    }
    refusals = {
        "days_in_range": ("days_most", _l("Choose 1 to 60 days")),
        "both_hours_or_none": ("to_minute", _l("Enter both times, or none")),
    }
    choices = {"pay_mode": labels.PAY_MODE}
    lookups = {"category": CATEGORIES}
    validators_columns = {"code": CODE, "crew_size": [NumberRange(1, 10)]}
    base_order = ("position", "asc")
    related_views = [OptionGroupView, SkillRequirementView, PriceRuleView, ChecklistView]
    empty_next = _l("Add a service, give it a skill, then publish it.")

    def create(self, form: RowForm) -> Any:
        _through_the_night(form)
        return super().create(form)

    def change(self, row: Any, form: RowForm) -> None:
        _through_the_night(form)
        super().change(row, form)

    @row_action("publish", _l("Publish"), icon="fa-bullhorn", main=True,
                when=lambda service: not service.published)  # fmt: skip
    def publish(self, pk: int) -> None:
        publishing.publish(pk, actor=self.actor)

    @row_action("unpublish", _l("Take off sale"), icon="fa-eye-slash",
                confirm=_l("Take this service off sale? Orders that exist stay as they are."),
                when=lambda service: service.published)  # fmt: skip
    def unpublish(self, pk: int) -> None:
        publishing.unpublish(pk, actor=self.actor)


def _through_the_night(form: RowForm) -> None:
    begin, end = form["from_minute"].data, form["to_minute"].data
    if begin is not None and end is not None:
        form["to_minute"].data = end_after(begin, end)
