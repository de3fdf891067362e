"""Words for the tables about workers and for consents of customers."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels, with_colours

WORKER_GENDER: Labels = {"female": _l("A woman"), "male": _l("A man")}
BLOCKED_KIND: Labels = {
    "training": _l("Training"),
    "meeting": _l("Meeting"),
    "other": _l("Other"),
}
CONSENT_KIND: Labels = {
    "terms": _l("Terms of use"),
    "privacy": _l("Privacy policy"),
    "marketing": _l("Advertising"),
    "position": _l("Position"),
    "face": _l("Face check"),
}
FACE_STATUS, FACE_KINDS = with_colours(
    {
        "asked": (_l("Not done yet"), "off"),
        "unavailable": (_l("Could not be done"), "warn"),
        "passed": (_l("Passed"), "good"),
        "failed": (_l("Not passed"), "bad"),
        "manual": (_l("To be checked by hand"), "warn"),
    }
)
TRAINING_RESULT, TRAINING_KINDS = with_colours(
    {
        "planned": (_l("Planned"), "info"),
        "passed": (_l("Passed"), "good"),
        "failed": (_l("Not passed"), "bad"),
    }
)
PERIOD_STATUS, PERIOD_KINDS = with_colours(
    {
        "open": (_l("Being computed"), "off"),
        "published": (_l("Shown to the worker"), "info"),
        "final": (_l("Final"), "good"),
    }
)
REWARD_KIND: Labels = {"reward": _l("Reward"), "penalty": _l("Penalty")}
REWARD_STATUS, REWARD_KINDS = with_colours(
    {
        "proposed": (_l("Proposed"), "warn"),
        "approved": (_l("Approved"), "info"),
        "refused": (_l("Refused"), "off"),
        "settled": (_l("Settled"), "good"),
    }
)
REVEALED: Labels = {
    "phone": _l("Phone"),
    "contact_phone": _l("Phone"),
    "number": _l("Number"),
    "account": _l("Account"),
}
