"""How long something is still valid, as a traffic light that is computed when it is read."""

from datetime import date

from flask_babel import lazy_gettext as _l

from app.services import clock
from app.services.system import parameters
from app.views.formatters import badge, day


def valid_until(last_day: date | None) -> object:
    """The last day in green; yellow when it is near, red when it is over."""
    if last_day is None:
        return badge("good", _l("No end"))
    return badge(light(last_day), day(last_day))


def light(last_day: date) -> str:
    left = (last_day - clock.today()).days
    soon = parameters.get("workers.warn_days")
    return "bad" if left < 0 else "warn" if left <= soon else "good"
