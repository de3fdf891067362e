"""What rows keep as JSON, in words: names, yuan, the city's time. Nobody reads braces.

in_words(value)      any structure, a line for each of its parts
quote_lines(content) the lines of a quote as a small table
ordered(request)     what a plan orders each time: services with quantities and options
board_step(state)    one side of a step on the board
problems(errors)     what was wrong with the rows of a file
message(text)        what somebody sent as JSON, part by part
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from app.extensions import db
from app.models import Option, Service, Worker
from app.views import formatters, labels
from app.views.base_labels import COMMON
from app.views.formatters import EMPTY, money
from app.views.labels import word
from app.views.labels_approvals import PAYLOAD_KEY
from app.views.labels_audit import COLUMN, ENTITY
from app.views.labels_cancelling import CANCEL_STEP
from app.views.labels_ledger import ACCOUNT
from app.views.labels_money import ADJUSTMENT_KIND, REFUND_KIND
from app.views.labels_orders import CANCEL_PARTY
from app.views.labels_reasons import REASON, SCORE_TERM

# Names of what is kept, beside those that columns, requests and tables have.
KEPT: Mapping[str, Any] = {
    **SCORE_TERM,
    "arrived_at": _l("At the door since"),
    "calls": _l("Calls to the customer"),
    "cancelled_orders": _l("Cancelled orders"),
    "complaint": _l("Complaint"),
    "completed": _l("Completed orders"),
    "confirmed": _l("Believed"),
    "differences": _l("Differences"),
    "fee_fen": _l("Fee"),
    "from": _l("From"),
    "in_thirty_days": _l("Within thirty days"),
    "invariants": _l("Invariants"),
    "name_en": _l("Name (English)"),
    "offer_id": _l("Offer"),
    "on_time": _l("On time"),
    "order_id": _l("Order"),
    "owed_fen": _l("Still owed"),
    "paid_fen": _l("Paid"),
    "party": _l("Cancelled by"),
    "planned_start": _l("Planned start"),
    "placed": _l("In the crew"),
    "price_fen": _l("Price"),
    "promised_to": _l("Promised until"),
    "proof_id": _l("Proof of the ledger"),
    "quantity": _l("Quantity"),
    "rate_bp": _l("Rate"),
    "refund_fen": _l("Given back"),
    "row": _l("Row"),
    "step": _l("Step of the fee ladder"),
    "text": _l("Text"),
    "until": _l("Until"),
    "visits": _l("Visits"),
    "kept_fen": _l("Other visits, stay charged"),
    "worker_id": _l("Worker"),
}
WORDS: Mapping[str, dict[str, Any]] = {
    "reason": REASON,
    "channel": labels.CHANNEL,
    "party": CANCEL_PARTY,
    "step": CANCEL_STEP,
    "status": labels.ORDER_STATUS,
    "code": ACCOUNT,
    "from": labels.ORDER_STATUS,
    "kind": {**ADJUSTMENT_KIND, **REFUND_KIND},
    "owner_kind": labels.ACTOR_KIND,
}

INSTANTS = ("_at", "_start", "_end", "calls", "pay_by", "promised_to", "until")


def in_words(value: Any) -> Any:
    """Lines of "name: value"; parts of parts follow their name on one line."""
    if value is None or value in ("", [], {}):
        return EMPTY
    lines = list(_lines(value))
    return Markup('<span class="multiline">{}</span>').format(Markup("\n").join(lines))


def _lines(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield _pair(name, part)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            yield _short("", part)
    else:
        yield _short("", value)


def _pair(name: str, value: Any) -> Markup:
    return Markup("{}{}{}").format(label_of(name), _(": "), _short(name, value))


def _short(name: str, value: Any) -> Any:
    """One part on one line."""
    if isinstance(value, Mapping):
        return escape(_("; ")).join(_pair(key, part) for key, part in value.items()) or EMPTY
    if isinstance(value, list):
        return escape(_(", ")).join(escape(_short(name, part)) for part in value) or EMPTY
    return _scalar(name, value)


def _scalar(name: str, value: Any) -> Any:
    if value is None or value == "":
        return EMPTY
    if isinstance(value, Markup):
        return value
    if isinstance(value, bool):
        return formatters.yes_no(value)
    if isinstance(value, int):
        return _number(name, value)
    if name in WORDS:
        return word(WORDS[name], str(value))
    return _instant(value) if name.endswith(INSTANTS) else str(value)


def _number(name: str, value: int) -> Any:
    shown: Callable[[int], Any] = str
    if name.endswith("_fen"):
        shown = money
    if name.endswith("_bp"):
        shown = formatters.percent
    if name.endswith("minutes"):
        shown = formatters.minutes
    return shown(value)


def _instant(value: str) -> Any:
    try:
        return formatters.instant(datetime.fromisoformat(value))
    except ValueError:
        return value


def label_of(name: str) -> str:
    """What a part is called; a name that nobody has put into words stays as it is."""
    for table in (KEPT, PAYLOAD_KEY, COLUMN, COMMON, ENTITY):
        for key in (name, name.removesuffix("_id")):
            if key in table:
                return str(table[key])
    return name


def quote_lines(content: Mapping[str, Any] | None) -> Any:
    """Text, number and amount of each line, the time of each service, and the sums."""
    if not content or not content.get("lines"):
        return EMPTY
    minutes = iter(item["minutes"] for item in content.get("items", []))
    rows = [
        _row(_label(line), _time(line, minutes), str(line["quantity"]), money(line["amount_fen"]))
        for line in content["lines"]
    ]
    total = _row(
        _("Total"), formatters.minutes(content["minutes"]), "", money(content["total_fen"])
    )
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(Markup(' class="num"') if place else "", name)
        for place, name in enumerate(_columns())
    )
    return Markup(
        '<table class="table table-cards sum"><thead><tr>{}</tr></thead><tbody>{}</tbody>'
        "<tfoot>{}</tfoot></table>"
    ).format(head, Markup("").join(rows), total)


def _row(text: Any, time: Any, quantity: str, amount: Any) -> Markup:
    cells = Markup("").join(
        Markup('<td class="num" data-label="{}">{}</td>').format(name, value)
        for name, value in zip(_columns()[1:], (time, quantity, amount), strict=True)
    )
    return Markup('<tr><td data-label="{}">{}</td>{}</tr>').format(_columns()[0], text, cells)


def _columns() -> tuple[str, str, str, str]:
    return _("Line"), _("Duration"), _("Quantity"), _("Amount")


def _label(line: Mapping[str, Any]) -> Any:
    english = str(get_locale()) == "en" and line.get("label_en")
    kind = word(labels.LINE_KIND, line["kind"])
    return Markup('{} <span class="muted">{}</span>').format(english or line["label"], kind)


def _time(line: Mapping[str, Any], minutes: Iterator[int]) -> Any:
    """A service's time, its options included, stands on its first line."""
    return formatters.minutes(next(minutes, None)) if line["kind"] == "base" else ""


def ordered(request: Mapping[str, Any] | None) -> Any:
    """A line for each service: its name, how often, and the options that were chosen."""
    items = (request or {}).get("items", [])
    if not items:
        return EMPTY
    services = _names(Service, [item["service_id"] for item in items])
    options = _names(Option, [o["option_id"] for item in items for o in item.get("options", [])])
    lines = [_ordered_line(item, services, options) for item in items]
    return Markup('<span class="multiline">{}</span>').format("\n".join(lines))


def chosen(options: Sequence[Mapping[str, Any]] | None) -> Any:
    """The options of an ordered service, as they were called then."""
    english = str(get_locale()) == "en"
    return formatters.joined(
        _times((english and one.get("name_en")) or one["name"], one.get("quantity", 1))
        for one in options or []
    )


def _ordered_line(
    item: Mapping[str, Any], services: Mapping[int, str], options: Mapping[int, str]
) -> str:
    line = _times(services.get(item["service_id"], ""), item.get("quantity", 1))
    chosen = [
        _times(options.get(one["option_id"], ""), one.get("quantity", 1))
        for one in item.get("options", [])
    ]
    return f"{line}{_(': ')}{_(', ').join(chosen)}" if chosen else line


def _times(name: str, quantity: int) -> str:
    return name if quantity == 1 else f"{name} × {quantity}"


def _names(model: type[Any], keys: list[int]) -> dict[int, str]:
    english = str(get_locale()) == "en"
    rows = db.session.execute(
        sa.select(model.id, model.name, model.name_en).where(model.id.in_(keys))
    )
    return {row.id: (english and row.name_en) or row.name for row in rows}


def board_step(state: Mapping[str, Any] | None) -> Any:
    """As in_words, with the worker's name in place of her key."""
    if not state:
        return EMPTY
    key = state.get("worker_id")
    worker = db.session.get(Worker, key) if key else None
    return in_words({**state, "worker_id": worker.name} if worker else state)


def message(text: str | None) -> Any:
    """What was sent, in words where it is JSON; anything else as it came."""
    try:
        sent = json.loads(text or "")
    except ValueError:
        return formatters.multiline(text)
    return in_words(sent)


def problems(errors: Sequence[Any] | None) -> Any:
    """ "Row 3: ..." for each row of a file that was refused."""
    if not errors:
        return EMPTY
    lines = [
        _("Row %(row)s: %(text)s", row=error.get("row", ""), text=error.get("text", ""))
        if isinstance(error, Mapping)
        else str(error)
        for error in errors
    ]
    return Markup('<span class="multiline">{}</span>').format("\n".join(lines))
