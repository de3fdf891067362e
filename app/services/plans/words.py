"""A rule in words: what is repeated how often, on which days."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain import recurrence
from app.domain.errors import InvalidInput
from app.domain.recurrence import LAST, SHORTEST_MONTH, Repeats

WEEKDAY: Mapping[str, Any] = {
    "MO": _l("Monday"),
    "TU": _l("Tuesday"),
    "WE": _l("Wednesday"),
    "TH": _l("Thursday"),
    "FR": _l("Friday"),
    "SA": _l("Saturday"),
    "SU": _l("Sunday"),
}
KIND: Mapping[str, Any] = {
    "weekly": _l("Weekly"),
    "every_two_weeks": _l("Every two weeks"),
    "twice_a_month": _l("Twice a month"),
    "monthly_weekday": _l("Monthly"),
    "monthly_day": _l("Monthly"),
}
NTH: Mapping[int, Any] = {
    1: _l("first %(weekday)s"),
    2: _l("second %(weekday)s"),
    3: _l("third %(weekday)s"),
    4: _l("fourth %(weekday)s"),
    LAST: _l("last %(weekday)s"),
}


def in_words(rule: str | None) -> str:
    """ "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH" -> "Every two weeks: Monday, Thursday".

    A rule that is not offered stays as it is.
    """
    try:
        chosen = recurrence.repeats_of(rule or "")
    except InvalidInput:
        return rule or ""
    return str(_("%(often)s: %(days)s", often=KIND[chosen.kind], days=_days(chosen)))


def _days(chosen: Repeats) -> str:
    if chosen.day is not None:
        plain = chosen.day <= SHORTEST_MONTH
        return str(
            _("day %(day)s", day=chosen.day)
            if plain
            else _("day %(day)s, or the last day of a shorter month", day=chosen.day)
        )
    if not chosen.weeks:
        return str(_(", ")).join(str(WEEKDAY[day]) for day in chosen.weekdays)
    named = [
        str(NTH[week]) % {"weekday": WEEKDAY[weekday]}
        for week, weekday in recurrence.pairs_of(chosen)
    ]
    return str(_(", ")).join(named)
