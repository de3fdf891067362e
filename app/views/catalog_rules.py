"""What changes a price or a day: price rules, checklists, holidays."""

from flask_babel import lazy_gettext as _l

from app.models import Checklist, Holiday, PriceRule
from app.views import labels_catalog as words
from app.views.base import ModelInterface
from app.views.fields_calendar import (
    MinuteField,
    PercentField,
    WeekdaysField,
    minute,
    signed_percent,
    weekdays,
)
from app.views.scoped import AREAS, NAMES, SERVICES, ReferenceView

TIMES_NEED_BOTH = _l("Enter both times, the first before the second, or none")
DAYS_IN_ORDER = _l("The last day comes before the first")


class PriceRuleView(ReferenceView):
    datamodel = ModelInterface(PriceRule)
    noun, noun_plural = _l("Price rule"), _l("Price rules")
    list_columns = [
        "name", "kind", "service", "area", "weekdays", "rate_bp", "amount_fen", "valid_from",
        "valid_to", "active",
    ]  # fmt: skip
    search_columns = ["name", "kind", "service", "area", "active"]
    show_fieldsets = [
        (_l("What it is"), {"fields": ["name", "name_en", "kind", "active"]}),
        (
            _l("When it holds"),
            {
                "fields": [
                    "service", "area", "weekdays", "from_minute", "to_minute", "valid_from",
                    "valid_to",
                ]
            },
        ),
        (_l("What it adds"), {"fields": ["rate_bp", "amount_fen"]}),
    ]  # fmt: skip
    add_fieldsets = edit_fieldsets = show_fieldsets
    label_columns = {
        **NAMES,
        "service": _l("Service"),
        "area": _l("Service area"),
        "weekdays": _l("Weekdays"),
        "from_minute": _l("From (time)"),
        "to_minute": _l("To (time)"),
        "rate_bp": _l("Surcharge in %"),
        "amount_fen": _l("Surcharge"),
        "valid_from": _l("First day"),
        "valid_to": _l("Last day"),
    }
    description_columns = {
        "kind": _l("What its line in a price is called. For days off: it holds on these only."),
        "service": _l("Empty: all services"),
        "area": _l("Empty: all areas"),
        "valid_to": _l("Empty: until further notice"),
    }
    add_form_extra_fields = {
        "weekdays": WeekdaysField(
            _l("Weekdays"),
            default=0,
            description=_l("Nothing ticked: every day; a weekend that is worked is none of them"),
        ),
        "from_minute": MinuteField(_l("From (time)"), description=_l("Empty: all day")),
        "to_minute": MinuteField(_l("To (time)"), end=True),
        "rate_bp": PercentField(
            _l("Surcharge in %"), default=0, description=_l("With a minus sign: a reduction")
        ),
    }
    edit_form_extra_fields = add_form_extra_fields
    formatters_columns = {
        "weekdays": weekdays,
        "from_minute": minute,
        "to_minute": minute,
        "rate_bp": signed_percent,
    }
    refusals = {
        "minutes_in_order": ("to_minute", TIMES_NEED_BOTH),
        "both_minutes_or_none": ("to_minute", TIMES_NEED_BOTH),
        "days_in_order": ("valid_to", DAYS_IN_ORDER),
        "says_something": ("amount_fen", _l("Enter a surcharge in per cent or in yuan")),
        "rate_in_range": ("rate_bp", _l("Between -100 % and 1000 %")),
    }
    choices = {"kind": words.PRICE_RULE_KIND}
    lookups = {"service": SERVICES, "area": AREAS}
    base_order = ("name", "asc")
    empty_next = _l("Add a surcharge for peak hours or a far area.")


class ChecklistView(ReferenceView):
    datamodel = ModelInterface(Checklist)
    noun, noun_plural = _l("Checklist point"), _l("Checklists")
    list_columns = ["service", "position", "text", "required", "active"]
    show_columns = ["service", "text", "text_en", "position", "required", "active", "created_at"]
    search_columns = ["service", "text", "required", "active"]
    add_columns = edit_columns = ["service", "text", "text_en", "position", "required", "active"]
    label_columns = {
        **NAMES,
        "text": _l("What to do (Chinese)"),
        "text_en": _l("What to do (English)"),
        "required": _l("Needed to check out"),
    }
    lookups = {"service": SERVICES}
    base_order = ("position", "asc")
    empty_next = _l("Add what a worker ticks off at the door.")


class HolidayView(ReferenceView):
    datamodel = ModelInterface(Holiday)
    noun, noun_plural = _l("Holiday"), _l("Holidays")
    list_columns = ["day", "kind", "name", "name_en"]
    show_columns = add_columns = edit_columns = list_columns
    search_columns = ["day", "kind", "name"]
    label_columns = {**NAMES, "day": _l("Day")}
    description_columns = {"kind": _l("A working weekend is a Saturday or Sunday that is worked")}
    choices = {"kind": words.HOLIDAY_KIND}
    badges = {"kind": words.HOLIDAY_KINDS}
    base_order = ("day", "desc")
    empty_next = _l("Add the days off and the working weekends of the year.")
