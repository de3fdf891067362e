"""Words for notes, incidents, templates of messages, imports and backups."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels, with_colours

NOTE_SUBJECT: Labels = {
    "order": _l("Order"),
    "customer": _l("Customer"),
    "worker": _l("Worker"),
    "complaint": _l("Complaint"),
    "plan": _l("Recurring plan"),
}
INCIDENT_STATUS, INCIDENT_KINDS = with_colours(
    {
        "open": (_l("To be dealt with"), "bad"),
        "in_work": (_l("In work"), "warn"),
        "solved": (_l("Solved"), "good"),
    }
)
INCIDENT_KIND: Labels = {
    "worker_no_show": _l("Worker did not come"),
    "nobody_found": _l("Nobody has accepted"),
    "customer_no_show": _l("Customer absent"),
    "late": _l("Worker late"),
    "capacity_lost": _l("No worker free any more"),
    "worker_withdrew": _l("Worker gave a visit back"),
    "exception": _l("Exception"),
    "damage": _l("Damage"),
    "accident": _l("Accident"),
    "ledger": _l("The ledger does not add up"),
    "other": _l("Other"),
}
TEMPLATE_CHANNEL: Labels = {
    "in_app": _l("In the app"),
    "sms": _l("Text message"),
    "wechat": _l("WeChat"),
    "email": _l("Email"),
}
TEMPLATE_ROLE: Labels = {
    "customer": _l("Customer"),
    "worker": _l("Worker"),
    "staff": _l("Staff"),
    "partner": _l("Partner"),
}
IMPORT_STATUS, IMPORT_KINDS = with_colours(
    {
        "read": (_l("Read, not taken over"), "warn"),
        "taken": (_l("Taken over"), "good"),
        "refused": (_l("Refused"), "off"),
    }
)
IMPORT_KIND: Labels = {"workers": _l("Workers"), "customers": _l("Customers")}
BACKUP_STATUS, BACKUP_KINDS = with_colours(
    {
        "running": (_l("Running"), "info"),
        "made": (_l("Made"), "warn"),
        "proved": (_l("Proved by restoring it"), "good"),
        "failed": (_l("Failed"), "bad"),
    }
)
RESTORE_STATUS, RESTORE_KINDS = with_colours(
    {
        "asked": (_l("Asked for"), "warn"),
        "compared": (_l("Compared"), "info"),
        "approved": (_l("Approved"), "info"),
        "done": (_l("Done"), "good"),
        "refused": (_l("Refused"), "off"),
        "failed": (_l("Failed"), "bad"),
    }
)
RESTORE_SCOPE: Labels = {"all": _l("Everything"), "entities": _l("Chosen entities")}
