"""A line of an order's story for its customer: what happened, with the time or the amount."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _

from app.api.words import TIMELINE
from app.domain.money import yuan
from app.models import OrderEvent
from app.services.clock import city_time

Data = Mapping[str, Any]
TIME = "yyyy-MM-dd HH:mm"


def line_of(event: OrderEvent) -> str:
    """In the caller's language."""
    text = str(TIMELINE.get(event.kind, event.kind))
    more = [said for say in _MORE if (said := say(event.data or {}))]
    return " · ".join([text, *more])


def _new_time(data: Data) -> str:
    told = data.get("new_start") or data.get("after")
    return _("New time: %(time)s", time=_time(told)) if isinstance(told, str) else ""


def _edited(data: Data) -> str:
    """What an order was before it was changed, and after that."""
    before, after = data.get("before"), data.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    told = []
    if after["planned_start"] != before["planned_start"]:
        told.append(_("New time: %(time)s", time=_time(after["planned_start"])))
    if after["total_fen"] != before["total_fen"]:
        prices = {"before": yuan(before["total_fen"]), "after": yuan(after["total_fen"])}
        told.append(_("Price ¥%(before)s, now ¥%(after)s", **prices))
    return " · ".join(told)


def _fee(data: Data) -> str:
    fee, back = data.get("fee_fen"), data.get("refund_fen")
    if fee is None or back is None:
        return ""
    return _("Fee ¥%(fee)s, back to you ¥%(back)s", fee=yuan(fee), back=yuan(back))


def _due(data: Data) -> str:
    due = data.get("due_fen")
    return _("To be paid ¥%(due)s", due=yuan(due)) if due is not None else ""


def _added(data: Data) -> str:
    name, amount = data.get("name"), data.get("amount_fen")
    return f"{name} ¥{yuan(amount)}" if name and amount is not None else ""


def _which(data: Data) -> str:
    """Of an order of several visits."""
    visits = data.get("visits")
    return _("Visit %(numbers)s", numbers=_(", ").join(map(str, visits))) if visits else ""


def _dearer(data: Data) -> str:
    more = data.get("difference_fen")
    return _("Difference ¥%(amount)s", amount=yuan(more)) if more else ""


def _set_off(data: Data) -> str:
    less, left = data.get("amount_fen"), data.get("unpaid_fen")
    if less is None or left is None:
        return ""
    return _("¥%(less)s less, still to pay ¥%(left)s", less=yuan(less), left=yuan(left))


_MORE: tuple[Callable[[Data], str], ...] = (
    _which, _new_time, _edited, _fee, _due, _added, _dearer, _set_off,
)  # fmt: skip


def _time(told: str) -> str:
    local = city_time(datetime.fromisoformat(told)).replace(tzinfo=None)
    return str(format_datetime(local, TIME, rebase=False))
