"""What people read for every stored value: {value: label}, and the colour of its badge.

Values are stable and English; labels are translated. A test holds each table against its enum.
Each area has a module of its own beside this one: labels_money, labels_quality...
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

Labels = dict[str, Any]
Kinds = dict[str, str]


def with_colours(table: Mapping[str, tuple[Any, str]]) -> tuple[Labels, Kinds]:
    """Labels and badge kinds of one enum, written side by side."""
    labels = {value: label for value, (label, _kind) in table.items()}
    return labels, {value: kind for value, (_label, kind) in table.items()}


def word(table: Labels, code: str) -> str:
    """The label of a code, or the code itself when nobody has named it yet."""
    return str(table.get(code, code))


ORDER_STATUS, ORDER_KINDS = with_colours(
    {
        "pending_payment": (_l("To be paid"), "warn"),
        "pending_dispatch": (_l("To be dispatched"), "bad"),
        "offered": (_l("Offered"), "warn"),
        "accepted": (_l("Accepted"), "info"),
        "en_route": (_l("On the way"), "info"),
        "in_service": (_l("In service"), "info"),
        "pending_confirm": (_l("To be confirmed"), "warn"),
        "completed": (_l("Completed"), "good"),
        "closed": (_l("Closed unpaid"), "off"),
        "cancelled": (_l("Cancelled"), "off"),
        "no_show": (_l("Customer absent"), "bad"),
        "exception": (_l("Exception"), "bad"),
    }
)
ORDER_SOURCE: Labels = {
    "app": _l("App"),
    "phone": _l("By phone"),
    "plan": _l("Recurring plan"),
    "rework": _l("Rework"),
    "import": _l("Import"),
}
VISIT_STATUS, VISIT_KINDS = with_colours(
    {
        "planned": (_l("Planned"), "info"),
        "en_route": (_l("On the way"), "info"),
        "in_service": (_l("In service"), "warn"),
        "done": (_l("Done"), "good"),
        "missed": (_l("Missed"), "bad"),
        "cancelled": (_l("Cancelled"), "off"),
    }
)
LINE_KIND: Labels = {
    "base": _l("Service"),
    "option": _l("Option"),
    "travel": _l("Travel fee"),
    "area": _l("Area rule"),
    "peak": _l("Peak hours"),
    "weekday": _l("Weekday rule"),
    "holiday": _l("Holiday rule"),
    "season": _l("Season rule"),
    "other": _l("Price rule"),
    "overtime": _l("Overtime"),
    "add_on": _l("Add-on"),
    "coupon": _l("Coupon"),
}
OFFER_STATUS, OFFER_KINDS = with_colours(
    {
        "live": (_l("Waiting for an answer"), "warn"),
        "accepted": (_l("Accepted by the worker"), "good"),
        "rejected": (_l("Rejected"), "bad"),
        "expired": (_l("Expired"), "off"),
        "withdrawn": (_l("Withdrawn"), "off"),
        "lost": (_l("Taken by another"), "off"),
    }
)
OFFER_MODE: Labels = {
    "direct": _l("To one"),
    "cascade": _l("One after the other"),
    "broadcast": _l("To several at once"),
}
ASSIGNMENT_STATUS, ASSIGNMENT_KINDS = with_colours(
    {
        "planned": (_l("Planned"), "off"),
        "accepted": (_l("Assigned"), "info"),
        "working": (_l("Working"), "warn"),
        "done": (_l("Done"), "good"),
        "ended": (_l("Ended early"), "bad"),
    }
)
ASSIGNMENT_ROLE: Labels = {
    "lead": _l("Lead"),
    "member": _l("Member"),
}
RUN_OUTCOME, RUN_OUTCOME_KINDS = with_colours(
    {
        "offered": (_l("Offers sent"), "info"),
        "assigned": (_l("Worker found"), "good"),
        "forced": (_l("Assigned by hand"), "good"),
        "nobody": (_l("Nobody found"), "bad"),
        "unassigned": (_l("Search given up"), "bad"),
        "escalated": (_l("A person must decide"), "bad"),
    }
)
HOLD_STATUS, HOLD_KINDS = with_colours(
    {
        "live": (_l("Held"), "warn"),
        "taken": (_l("Ordered"), "good"),
        "released": (_l("Released"), "off"),
        "expired": (_l("Expired"), "off"),
    }
)
BUSY_KIND: Labels = {
    "hold": _l("Held for a customer"),
    "visit": _l("Visit"),
    "leave": _l("Leave"),
    "blocked": _l("Blocked time"),
}
PAYMENT_STATUS, PAYMENT_KINDS = with_colours(
    {
        "created": (_l("Created"), "off"),
        "pending": (_l("Waiting for payment"), "warn"),
        "unknown": (_l("Unknown, being queried"), "bad"),
        "succeeded": (_l("Paid"), "good"),
        "closed": (_l("Closed"), "off"),
        "failed": (_l("Failed"), "bad"),
    }
)
CHANNEL: Labels = {
    "wechat": _l("WeChat Pay"),
    "alipay": _l("Alipay"),
    "bank": _l("Bank card"),
    "cash": _l("Cash"),
}
# Money from customers comes by transfer; money to workers goes to a card.
PAY_CHANNEL: Labels = {**CHANNEL, "bank": _l("Bank transfer")}
REFUND_STATUS, REFUND_KINDS = with_colours(
    {
        "requested": (_l("Requested"), "warn"),
        "approved": (_l("Approved"), "info"),
        "submitted": (_l("Submitted"), "info"),
        "unknown": (_l("Unknown, being queried"), "bad"),
        "succeeded": (_l("Refunded"), "good"),
        "failed": (_l("Failed"), "bad"),
        "manual": (_l("To be given back by hand"), "warn"),
        "rejected": (_l("Rejected"), "off"),
    }
)
RUN_STATUS, RUN_KINDS = with_colours(
    {
        "draft": (_l("Draft"), "off"),
        "reviewed": (_l("Waiting for approval"), "warn"),
        "approved": (_l("Approved"), "good"),
        "cancelled": (_l("Cancelled"), "off"),
    }
)
STATEMENT_STATUS, STATEMENT_KINDS = with_colours(
    {
        "draft": (_l("Draft"), "off"),
        "reviewed": (_l("Waiting for approval"), "warn"),
        "approved": (_l("Approved"), "info"),
        "confirmed": (_l("Confirmed by the worker"), "good"),
        "disputed": (_l("Disputed"), "bad"),
    }
)
WITHDRAWAL_STATUS, WITHDRAWAL_KINDS = with_colours(
    {
        "applied": (_l("To be reviewed"), "warn"),
        "reviewed": (_l("To be sent"), "warn"),
        "sent": (_l("Sent"), "info"),
        "waiting_for_payee": (_l("Waiting for the worker"), "info"),
        "unknown": (_l("Unknown, being queried"), "bad"),
        "paid": (_l("Paid"), "good"),
        "failed": (_l("Failed"), "bad"),
        "expired": (_l("Expired"), "off"),
        "returned": (_l("Returned"), "bad"),
        "rejected": (_l("Rejected"), "off"),
    }
)
WORKER_STATUS, WORKER_KINDS = with_colours(
    {
        "applied": (_l("Applied"), "warn"),
        "documents_review": (_l("Documents in review"), "warn"),
        "face_check": (_l("Face check"), "warn"),
        "training": (_l("In training"), "info"),
        "approved": (_l("Active worker"), "good"),
        "suspended": (_l("Suspended"), "bad"),
        "left": (_l("Left"), "off"),
        "rejected": (_l("Rejected"), "off"),
    }
)
WORKER_KIND: Labels = {
    "employee": _l("Employee"),
    "contract": _l("Contractor"),
    "partner": _l("From a partner"),
}
IDENTITY_KIND: Labels = {
    "phone": _l("Phone"),
    "email": _l("Email"),
    "wechat": _l("WeChat"),
}
ACCOUNT_STATUS, ACCOUNT_KINDS = with_colours(
    {
        "active": (_l("Active"), "good"),
        "blocked": (_l("Blocked"), "bad"),
        "erased": (_l("Erased"), "off"),
    }
)
DOCUMENT_STATUS, DOCUMENT_KINDS = with_colours(
    {
        "submitted": (_l("To be checked"), "warn"),
        "approved": (_l("Approved"), "good"),
        "refused": (_l("Refused"), "bad"),
    }
)
DOCUMENT_KIND: Labels = {
    "id_card": _l("Identity card"),
    "health": _l("Health certificate"),
    "skill": _l("Skill certificate"),
    "no_record": _l("No criminal record"),
}
LEAVE_STATUS, LEAVE_KINDS = with_colours(
    {
        "asked": (_l("Waiting for approval"), "warn"),
        "approved": (_l("Approved"), "good"),
        "refused": (_l("Refused"), "bad"),
        "cancelled": (_l("Cancelled"), "off"),
    }
)
APPROVAL_STATUS, APPROVAL_KINDS = with_colours(
    {
        "asked": (_l("Waiting for approval"), "warn"),
        "approved": (_l("Approved"), "good"),
        "refused": (_l("Refused"), "bad"),
        "expired": (_l("Expired"), "off"),
    }
)
REVIEW_STATUS, REVIEW_KINDS = with_colours(
    {"published": (_l("Published"), "good"), "hidden": (_l("Hidden"), "off")}
)
TIMER_STATUS, TIMER_KINDS = with_colours(
    {
        "waiting": (_l("Waiting"), "info"),
        "fired": (_l("Fired"), "good"),
        "cancelled": (_l("Cancelled"), "off"),
        "failed": (_l("Failed"), "bad"),
    }
)
JOB_STATUS, JOB_KINDS = with_colours(
    {
        "running": (_l("Running"), "info"),
        "succeeded": (_l("Succeeded"), "good"),
        "failed": (_l("Failed"), "bad"),
        "cancelled": (_l("Cancelled"), "off"),
        "lost": (_l("Lost"), "bad"),
    }
)
EXPORT_STATUS, EXPORT_KINDS = with_colours(
    {
        "waiting": (_l("Waiting"), "info"),
        "running": (_l("Running"), "info"),
        "ready": (_l("Ready"), "good"),
        "failed": (_l("Failed"), "bad"),
        "cancelled": (_l("Cancelled"), "off"),
        "expired": (_l("Expired"), "off"),
    }
)
PAY_MODE: Labels = {"prepaid": _l("Paid when ordered"), "after": _l("Paid after the service")}
OPTION_KIND: Labels = {
    "single": _l("One choice"),
    "multiple": _l("Several choices"),
    "quantity": _l("A quantity"),
}
CHECK_KIND: Labels = {
    "depart": _l("Departure"),
    "check_in": _l("Check-in"),
    "check_out": _l("Check-out"),
}
CHECK_METHOD: Labels = {
    "position": _l("By position"),
    "code": _l("By the customer's code"),
    "override": _l("By hand"),
}
PHOTO_KIND: Labels = {
    "before": _l("Before the work"),
    "after": _l("After the work"),
    "other": _l("Other"),
}
ACTOR_KIND: Labels = {
    "staff": _l("Staff"),
    "customer": _l("Customer"),
    "worker": _l("Worker"),
    "system": _l("System"),
}
NORMAL_SIDE: Labels = {"debit": _l("Debit"), "credit": _l("Credit")}
