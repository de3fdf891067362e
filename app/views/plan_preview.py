"""The dates of a plan as it would be, with what can be chosen for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from flask_babel import gettext as _

from app.services import clock
from app.services.plans import making, openings
from app.services.plans.looking import Preview, Seen
from app.services.plans.making import Choice
from app.views import formatters
from app.views import labels_plans as words
from app.views.labels import word


@dataclass(frozen=True)
class Line:
    """One date of the preview as the page shows it. `choices`: value -> text, the first chosen."""

    seen: Seen
    state: Any
    note: str
    name: str
    choices: Mapping[str, Any]


def choices_of(shown: Preview) -> list[Choice]:
    """What was chosen in the table."""
    found = [_choice(one.on) for one in shown.dates if f"on-{one.on}" in request.form]
    return [choice for choice in found if choice]


def _choice(on: date) -> Choice | None:
    """What was chosen in the table for that day."""
    value = request.form.get(f"on-{on}", "")
    if value in (making.SKIP, making.KEEP):
        return Choice(on, value)
    try:
        starts_at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return Choice(on, starts_at=starts_at) if starts_at.tzinfo else None


def lines_of(shown: Preview | None) -> list[Line]:
    badge = formatters.choice(words.DATE_STATE, words.DATE_KINDS)
    return [
        Line(
            seen=one,
            state=badge(one.state),
            note=_note(one),
            name=f"on-{one.on}",
            choices=_choices(one),
        )
        for one in (shown.dates if shown else ())
    ]


def _note(one: Seen) -> str:
    parts = [word(words.DATE_REASON, one.reason)] if one.reason else []
    if one.day_kind == "rest":
        parts.append(_("holiday: %(name)s", name=one.day_name))
    if one.day_kind == "working":
        parts.append(_("this weekend is worked: %(name)s", name=one.day_name))
    return _("; ").join(parts)


def _choices(one: Seen) -> dict[str, Any]:
    """Nothing can be chosen for a date beyond the horizon; the default comes first."""
    if one.on > openings.horizon():
        return {}
    usual = {
        openings.HOLIDAY: _("Left out"),
        openings.OTHER_TIME: _("Decide later"),
        openings.IMPOSSIBLE: _("Decide later"),
    }
    kept = {making.KEEP: _("Keep")} if one.state == openings.HOLIDAY else {}
    others = {
        start.isoformat(): _(
            "At %(instant)s: %(amount)s",
            instant=clock.city_time(start).strftime("%m-%d %H:%M"),
            amount=formatters.money(fen).striptags(),
        )
        for start, fen in zip(one.alternatives, one.near_fen, strict=True)
    }
    return {"": usual.get(one.state, _("Keep")), **kept, **others, making.SKIP: _("Leave out")}
