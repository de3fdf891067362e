"""Words for prices by day and area, holidays and days of the week."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels, with_colours

WEEKDAY: dict[int, str] = {
    0: _l("Monday"),
    1: _l("Tuesday"),
    2: _l("Wednesday"),
    3: _l("Thursday"),
    4: _l("Friday"),
    5: _l("Saturday"),
    6: _l("Sunday"),
}
PRICE_RULE_KIND: Labels = {
    "area": _l("By area"),
    "peak": _l("Peak hours"),
    "weekday": _l("By weekday"),
    "holiday": _l("Days off"),
    "season": _l("Season"),
    "other": _l("Other"),
}
HOLIDAY_KIND, HOLIDAY_KINDS = with_colours(
    {"rest": (_l("Day off"), "good"), "working": (_l("Working weekend"), "warn")}
)
