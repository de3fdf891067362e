"""Words for recurring plans: how they repeat, their dates, their story."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels, with_colours
from app.views.labels_orders import NO_TIME

REPEATS: Labels = {
    "weekly": _l("Weekly"),
    "every_two_weeks": _l("Every two weeks"),
    "twice_a_month": _l("Twice a month, on weekdays"),
    "monthly_weekday": _l("Monthly, on a weekday"),
    "monthly_day": _l("Monthly, on a day"),
}
WEEK: Labels = {
    "1": _l("The first of the month"),
    "2": _l("The second"),
    "3": _l("The third"),
    "4": _l("The fourth"),
    "-1": _l("The last"),
}
ON_HOLIDAYS: Labels = {"skip": _l("Leave them out"), "keep": _l("Keep them")}
DATE_STATE, DATE_KINDS = with_colours(
    {
        "free": (_l("Free"), "good"),
        "other_worker": (_l("Another worker"), "info"),
        "other_time": (_l("Only at another time"), "warn"),
        "impossible": (_l("Nobody is free"), "bad"),
        "holiday": (_l("Holiday: left out"), "off"),
        "too_far": (_l("Checked when it comes near"), "off"),
    }
)
DATE_REASON: Labels = {
    **NO_TIME,
    "slot_taken": _l("the time is taken"),
    "slot_not_offered": _l("this time is not offered"),
    "too_soon": _l("too late to book for this day"),
    "past_horizon": _l("not open for booking yet"),
    "no_worker": _l("there are no workers"),
    "not_found": _l("the service or the address is not there any more"),
    "account_blocked": _l("the customer is blocked"),
    "area_not_served": _l("the address is not served any more"),
    **dict.fromkeys(
        ("option_choice", "option_unknown", "option_quantity", "quantity_range", "order_apart"),
        _l("what was ordered is not offered like this any more"),
    ),
    "too_late": _l("the day was over"),
    "no_roster": _l("the roster of this day is not made yet"),
    "holiday": _l("a holiday"),
    "paused": _l("the plan was paused"),
    "by_customer": _l("left out by the customer"),
    "by_staff": _l("left out by staff"),
    "over": _l("its last day is over"),
}
PLAN_STORY, STORY_KINDS = with_colours(
    {
        "created": (_l("Plan made"), "good"),
        "changed": (_l("Another plan follows"), "info"),
        "paused": (_l("Paused"), "warn"),
        "resumed": (_l("Resumed"), "good"),
        "shortened": (_l("Later dates cancelled"), "warn"),
        "ended": (_l("Plan ended"), "off"),
        "date.ordered": (_l("Order made"), "good"),
        "date.other_worker": (_l("Another worker than wished"), "warn"),
        "date.impossible": (_l("Nobody can serve this date"), "bad"),
        "date.possible": (_l("This date can be served again"), "good"),
        "date.told": (_l("Customer told, with other times"), "info"),
        "date.skipped": (_l("Date left out"), "off"),
        "date.put_back": (_l("Date put back"), "info"),
        "date.shifted": (_l("Date at another time"), "info"),
        "date.cancelled": (_l("Date cancelled"), "off"),
    }
)
