"""A recurrence rule (RFC 5545) in words: what is repeated how often, on which days."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.views.formatters import EMPTY
from app.views.labels_catalog import WEEKDAY

DAYS = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), WEEKDAY.values(), strict=True))
EACH: Mapping[str, Any] = {
    "DAILY": _l("Every %(count)s days"),
    "WEEKLY": _l("Every %(count)s weeks"),
    "MONTHLY": _l("Every %(count)s months"),
}
ONE: Mapping[str, Any] = {
    "DAILY": _l("Daily"),
    "WEEKLY": _l("Weekly"),
    "MONTHLY": _l("Monthly"),
}


def in_words(rule: str | None) -> Any:
    """ "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH" -> "Every 2 weeks: Monday, Thursday"."""
    if not rule:
        return EMPTY
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    often = _often(parts)
    if often is None:
        return rule
    days = [str(DAYS[day]) for day in parts.get("BYDAY", "").split(",") if day in DAYS]
    dates = [_("day %(day)s", day=day) for day in parts.get("BYMONTHDAY", "").split(",") if day]
    on = _(", ").join(days + dates)
    return _("%(often)s: %(days)s", often=often, days=on) if on else often


def _often(parts: Mapping[str, str]) -> str | None:
    frequency, interval = parts.get("FREQ", ""), parts.get("INTERVAL", "1")
    if frequency not in ONE:
        return None
    return str(ONE[frequency]) if interval == "1" else str(EACH[frequency] % {"count": interval})
