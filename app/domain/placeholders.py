"""Which names in braces the words of a message may hold, by the event that it tells of."""

from collections.abc import Mapping
from string import Formatter

from app.domain.errors import N_, InvalidInput

EVERYWHERE = frozenset({"company", "phone"})
ORDER = frozenset({"number", "service", "starts", "worker", "customer", "region"})
# The events that somebody is told of, and what is known of each.
EVENTS: Mapping[str, frozenset[str]] = {
    "order.accepted": ORDER,
    "order.unassigned": ORDER | {"reason"},
    "order.capacity_lost": ORDER,
    "visit.departed": ORDER,
    "visit.started": ORDER,
    "visit.done": ORDER,
    "offer.new": ORDER | {"amount", "until"},
    "offer.ended": ORDER,
    "complaint.investigated": frozenset({"complaint"}),
    "complaint.question": frozenset({"complaint", "text"}),
    "complaint.proposed": frozenset({"complaint", "text"}),
    "complaint.resolved": frozenset({"complaint", "text"}),
    "feedback.answered": frozenset({"text"}),
}


def allowed(event: str) -> frozenset[str]:
    return EVENTS[event] | EVERYWHERE


def check_words(event: str, text: str, field: str) -> None:
    """Raise InvalidInput at the field for braces that do not match or hold an unknown name."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as exc:
        raise InvalidInput(
            N_("A brace { is open or closed without the other"), field=field
        ) from exc
    for _literal, name, form, conversion in parts:
        if name is None:
            continue
        if name not in allowed(event) or form or conversion:
            raise InvalidInput(
                N_("{%(name)s} is not known here. Possible: %(names)s"),
                name=name,
                names=" ".join(f"{{{known}}}" for known in sorted(allowed(event))),
                field=field,
            )
