"""Words for the reasons of refusals, refunds and searches, and for the terms of a score."""

from flask_babel import lazy_gettext as _l

from app.domain import eligibility as rule
from app.views import labels_life
from app.views.labels import Labels
from app.views.labels_cancelling import CANCEL_REASON

BROKEN_RULE: Labels = {
    rule.NOT_ACTIVE: _l("is not active"),
    rule.SKILL: _l("lacks a skill"),
    rule.LEVEL: _l("skill level too low"),
    rule.DOCUMENT: _l("a document is missing or has expired"),
    rule.AREA: _l("does not serve this area"),
    rule.RADIUS: _l("lives too far away"),
    rule.BLOCKED: _l("does not meet this customer"),
    rule.REJECTED: _l("has rejected this order"),
    rule.OFF_SHIFT: _l("is off shift"),
    rule.BUSY: _l("is busy at that time"),
    rule.TRAVEL: _l("cannot get there in time"),
    rule.DAILY_CAP: _l("has enough visits that day"),
    rule.HELD: _l("is being ordered by somebody at that time"),
}
SCORE_TERM: Labels = {
    "travel": _l("Short way"),
    "skill_fit": _l("Skill fits"),
    "rating": _l("Rating"),
    "load": _l("Few visits that day"),
    "continuity": _l("Knows the customer"),
}
BOARD_STEP: Labels = {
    "assign": _l("Another worker"),
    "move": _l("Move to another time"),
}
REFUND_REASON: Labels = {
    "cancelled": _l("order cancelled"),
    "cheaper": _l("order became cheaper"),
    "overpaid": _l("paid too much"),
    "paid_after_end": _l("paid after the order had ended"),
    "paid_late": _l("paid after the time to pay"),
    "paid_in_part": _l("not paid in full in time"),
    "paid_twice": _l("paid twice"),
}
UNASSIGNED_REASON: Labels = {
    **BROKEN_RULE,
    "no_worker": _l("there are no workers"),
    "rounds_exhausted": _l("all rounds of offers are over"),
}
REJECT_REASON: Labels = {
    "time_conflict": _l("Has something else at that time"),
    "too_far": _l("Too far away"),
    "unwell": _l("Unwell"),
    "family_matter": _l("Family matters"),
    "tools_missing": _l("Tools are missing"),
    "beyond_skill": _l("Cannot do this kind of work"),
    "customer_history": _l("Bad experience with this customer"),
    "other": _l("Other"),
}
REASON: Labels = {
    **labels_life.REASON,
    **CANCEL_REASON,
    **UNASSIGNED_REASON,
    **BROKEN_RULE,
    **REJECT_REASON,
    **REFUND_REASON,
}
