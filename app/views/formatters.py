"""How values look. Each function takes a value and returns text or safe markup.

money(123456)                 ¥1,234.56          instant(utc)    city time, 2026-11-22 10:06
yes_no(True)                  a badge            day(date)       2026-11-22
badge("good", _l("Paid"))     a coloured label; kinds good, info, warn, bad, off
choice(labels, kinds)         a formatter: stored value -> badge or label
minutes(95)                   1 h 35 min         percent(1250)   12.50% (basis points)
link(url, text)               a link             multiline(text) keeps the line breaks
EMPTY                         what stands for nothing
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.domain.money import yuan
from app.services.clock import city_time

Formatter = Callable[[Any], Any]
BADGES = ("good", "info", "warn", "bad", "off")
EMPTY = Markup('<span class="nothing" aria-hidden="true">—</span>')


def badge(kind: str, text: Any) -> Markup:
    """A coloured label. The colour only repeats what the text says."""
    return Markup('<span class="tag tag-{}">{}</span>').format(
        kind if kind in BADGES else "off", text
    )


def money(fen: int | None) -> Any:
    if fen is None:
        return EMPTY
    sign, amount = ("-", yuan(-fen)) if fen < 0 else ("", yuan(fen))
    return Markup('<span class="money">{}¥{}</span>').format(sign, amount)


def filled(text: str, **parts: Any) -> Markup:
    """A sentence whose parts carry marks of a page, as money does: `text % parts` shows them."""
    return escape(text) % {name: escape(part) for name, part in parts.items()}


def instant(value: datetime | None) -> Any:
    """An instant in the city's time, to the minute; the machine-readable one beside it."""
    if value is None:
        return EMPTY
    if value.tzinfo is None:
        return value.strftime("%Y-%m-%d %H:%M")
    local = city_time(value)
    return Markup('<time datetime="{}">{}</time>').format(
        value.isoformat(timespec="seconds"), local.strftime("%Y-%m-%d %H:%M")
    )


def day(value: date | None) -> Any:
    return EMPTY if value is None else value.isoformat()


def clock_time(value: time | None) -> Any:
    return EMPTY if value is None else value.strftime("%H:%M")


def yes_no(value: bool | None) -> Any:
    if value is None:
        return EMPTY
    if value:
        return badge("good", _("Yes"))
    return Markup('<span class="muted">{}</span>').format(_("No"))


def minutes(value: int | None) -> Any:
    """A length: 45 -> "45 min", 95 -> "1 h 35 min"."""
    if value is None:
        return EMPTY
    hours, rest = divmod(value, 60)
    if not hours:
        return _("%(minutes)d min", minutes=rest)
    if not rest:
        return _("%(hours)d h", hours=hours)
    return _("%(hours)d h %(minutes)d min", hours=hours, minutes=rest)


def percent(basis_points: int | None) -> Any:
    return EMPTY if basis_points is None else f"{basis_points / 100:.2f}%"


def choice(labels: Mapping[Any, Any], kinds: Mapping[Any, str] | None = None) -> Formatter:
    """Stored value -> its translated label; as a badge where a kind is given."""

    def show(value: Any) -> Any:
        if value is None or value == "":
            return EMPTY
        text = labels.get(value, value)
        return badge(kinds.get(value, "off"), text) if kinds is not None else str(text)

    return show


def link(url: str, text: Any) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url, text)


def multiline(text: str | None) -> Any:
    return Markup('<span class="multiline">{}</span>').format(text) if text else EMPTY


def joined(rows: Iterable[Any] | None) -> Any:
    """Names of related rows in one line."""
    return escape(_(", ")).join(escape(str(row)) for row in rows or []) or EMPTY


# What still is a number when it is shown.
FIGURES: tuple[Formatter, ...] = (money, minutes, percent)


def plain(value: Any) -> Any:
    return EMPTY if value is None or value == "" else value
