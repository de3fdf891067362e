"""Words for complaints, reviews' appeals and feedback."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels, with_colours

APPEAL_STATUS, APPEAL_KINDS = with_colours(
    {
        "asked": (_l("To be decided"), "warn"),
        "upheld": (_l("Upheld, the review does not count"), "good"),
        "refused": (_l("Refused"), "off"),
    }
)
FEEDBACK_KIND: Labels = {
    "suggestion": _l("Suggestion"),
    "praise": _l("Praise"),
    "fault": _l("Fault of the app"),
    "other": _l("Other"),
}
FEEDBACK_STATUS, FEEDBACK_KINDS = with_colours(
    {
        "new": (_l("Unread"), "warn"),
        "read": (_l("Read"), "info"),
        "answered": (_l("Answered"), "good"),
    }
)
CAUSE_PARTY: Labels = {
    "company": _l("The company"),
    "worker": _l("Worker"),
    "customer": _l("Customer"),
    "partner": _l("Partner"),
    "other": _l("Other"),
}
COMPLAINT_STATUS, COMPLAINT_KINDS = with_colours(
    {
        "new": (_l("Has no handler yet"), "bad"),
        "assigned": (_l("Has a handler"), "warn"),
        "investigating": (_l("Being looked into"), "warn"),
        "waiting_for_customer": (_l("Customer is asked"), "info"),
        "proposed": (_l("Solution proposed"), "info"),
        "resolved": (_l("Resolved"), "good"),
        "closed": (_l("Closed"), "off"),
    }
)
COMPLAINT_CATEGORY: Labels = {
    "quality": _l("Quality of the work"),
    "attitude": _l("Attitude"),
    "late": _l("Late or absent"),
    "damage": _l("Damage"),
    "price": _l("Price"),
    "safety": _l("Safety"),
    "other": _l("Other"),
}
SEVERITY, SEVERITY_KINDS = with_colours(
    {
        "low": (_l("Low"), "off"),
        "normal": (_l("Normal"), "info"),
        "high": (_l("High"), "warn"),
        "critical": (_l("Critical"), "bad"),
    }
)
COMPLAINT_SOURCE: Labels = {
    "customer": _l("App"),
    "phone": _l("Telephone"),
    "staff": _l("Staff"),
    "channel": _l("Other platform"),
}
COMPLAINT_EVENT: Labels = {
    "created": _l("Complaint received"),
    "assigned": _l("Handler named"),
    "investigated": _l("Looked into"),
    "customer_asked": _l("Customer asked"),
    "customer_answered": _l("Customer answered"),
    "proposed": _l("Solution proposed"),
    "proposal_declined": _l("Proposal declined"),
    "resolved": _l("Resolved"),
    "closed": _l("Closed"),
    "reopened": _l("Opened again"),
    "note": _l("Note"),
}
ACTION_STATUS, ACTION_KINDS = with_colours(
    {
        "open": (_l("To be done"), "warn"),
        "done": (_l("Done"), "good"),
        "dropped": (_l("Dropped"), "off"),
    }
)
