"""The sentence of a refusal, as people read it: on pages and in the API alike."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.domain.errors import DomainError


def said(error: DomainError) -> str:
    """Translated now, filled from the details; a status is called by its label."""
    message = error.message
    text = _(message) if isinstance(message, str) and message else str(message)
    return text % _worded(error.details) if error.details and "%(" in text else text


def _worded(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details for people: old and new status of a move by their labels, where known."""
    # Late: the views import this module while they are being made.
    from app.views.labels_states import STATUS_OF

    labels = STATUS_OF.get(str(details.get("kind")), {})
    moved = {name: details[name] for name in ("old", "new") if name in details}
    return {**details, **{name: labels.get(str(code), code) for name, code in moved.items()}}
