"""What the templates of the screens may use beside app.views.formatters (`f`)."""

from datetime import datetime
from typing import Any

from flask import Flask, current_app, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.models import Order
from app.services import reveals
from app.services.clock import city_time
from app.views import labels, labels_people, labels_reasons
from app.views.formatters import day, instant, link
from app.views.inbox import waiting_for_me
from app.views.privacy import phone
from app.views.staff_names import name_of_staff


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        link_to=link_to, window=window, clock_of=clock_of, phone_of=phone, stars=stars,
        reason_of=reason_of, words=labels, approvals_waiting=waiting_for_me, who_looked=who_looked,
    )  # fmt: skip


def link_to(view: str, pk: int | None, text: Any) -> Any:
    """The name of a row, as a link for whoever may open it."""
    sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
    if pk is None or not sm.has_access("can_show", view):
        return text
    return link(url_for(f"{view}.show", pk=pk), text)


def clock_of(instant: datetime) -> str:
    return city_time(instant).strftime("%H:%M")


def window(order: Order) -> str:
    """Day and promised window in the city's time."""
    start, end = order.promised_from, order.promised_to
    hours = clock_of(start) if start == end else f"{clock_of(start)}–{clock_of(end)}"
    return f"{day(order.service_on)} {hours}"


def stars(count: int) -> Markup:
    label = _("%(count)d of 5 stars", count=count)
    return Markup('<span class="stars" role="img" aria-label="{}">{}{}</span>').format(
        label, "★" * count, "☆" * (5 - count)
    )


def who_looked(row: Any) -> list[tuple[Any, ...]] | None:
    """(when, who, what, why) of the looks at a person's data; None for what is no person."""
    looks = reveals.who_looked(row)
    if looks is None:
        return None
    return [
        (
            instant(look.at),
            name_of_staff(look.actor_id),
            labels.word(labels_people.REVEALED, look.changes.get("column", "")),
            look.changes.get("reason", ""),
        )
        for look in looks
    ]


def reason_of(code: str) -> str:
    return labels.word(labels_reasons.REASON, code)
