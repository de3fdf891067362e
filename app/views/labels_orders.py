"""Words for plans, and for how orders are changed, moved and added to."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels, with_colours
from app.views.labels_reasons import BROKEN_RULE

ASKED_BY: Labels = {"customer": _l("Customer"), "worker": _l("Worker"), "staff": _l("Staff")}
PLAN_STATUS, PLAN_KINDS = with_colours(
    {
        "active": (_l("Running plan"), "good"),
        "paused": (_l("Paused"), "warn"),
        "ended": (_l("Ended"), "off"),
    }
)
OCCURRENCE_STATUS, OCCURRENCE_KINDS = with_colours(
    {
        "planned": (_l("Planned"), "info"),
        "ordered": (_l("Ordered"), "good"),
        "skipped": (_l("Skipped"), "off"),
        "impossible": (_l("Not possible"), "bad"),
        "cancelled": (_l("Cancelled"), "off"),
    }
)
MOVE_STATUS, MOVE_KINDS = with_colours(
    {
        "proposed": (_l("Proposed"), "warn"),
        "ops_review": (_l("Waiting for operations"), "warn"),
        "await_other_side": (_l("Waiting for the other side"), "info"),
        "agreed": (_l("Agreed"), "good"),
        "declined": (_l("Declined"), "bad"),
        "expired": (_l("Expired"), "off"),
        "withdrawn": (_l("Withdrawn"), "off"),
    }
)
CANCEL_PARTY: Labels = {
    "customer": _l("Customer"),
    "platform": _l("The company"),
    "worker": _l("Worker"),
    "clock": _l("By itself"),
}
ADD_ON_KIND: Labels = {
    "option": _l("Option"),
    "time": _l("More time"),
    "material": _l("Material"),
    "other": _l("Other"),
}
ADD_ON_STATUS, ADD_ON_KINDS = with_colours(
    {
        "proposed": (_l("Proposed"), "warn"),
        "approved": (_l("Agreed"), "good"),
        "refused": (_l("Refused"), "bad"),
        "expired": (_l("Expired"), "off"),
        "waived": (_l("Charge dropped"), "off"),
    }
)
EDIT_STATUS, EDIT_KINDS = with_colours(
    {
        "pending": (_l("Waiting for payment"), "warn"),
        "applied": (_l("Made"), "good"),
        "dropped": (_l("Given up"), "off"),
    }
)
SLOT_GRADE: Labels = {
    "recommended": _l("suits well"),
    "fine": _l("fine"),
    "tight": _l("tight"),
}
NO_TIME: Labels = {
    **BROKEN_RULE,
    "too_soon": _l("too soon"),
    "past_horizon": _l("too far ahead"),
    "closed_day": _l("a day of rest"),
    "outside_hours": _l("outside the hours"),
    "not_a_start": _l("no usual start"),
    "no_worker": _l("there are no workers"),
}
