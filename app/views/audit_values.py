"""One value of an audit row, as the screen of its record would show it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from app.domain.calendar import clock_of
from app.domain.money import yuan
from app.services.audit import HIDDEN
from app.services.plans.words import in_words as repeats
from app.views import formatters, labels_audit
from app.views.approval_words import DIFFERENCES
from app.views.crm import rules_text
from app.views.entities import tables_told
from app.views.journal_words import told_lines
from app.views.labels import word
from app.views.labels_ledger import ACCOUNT
from app.views.ledger_proof import figures_of
from app.views.role_words import in_words as grants_in_words
from app.views.role_words import role_names, screen_named, screen_words
from app.views.settling import payees
from app.views.staff_names import name_of_staff
from app.views.told import chosen, in_words, ordered

Place = tuple[str, str]  # (table, column)
ROLES_IN = {("ab_user", "role"), ("ab_user", "roles"), ("ab_role", "role"), ("ab_role", "name")}
# What says that a request changes a parameter.
PARAMETER = {"key", "old", "new", "forget", "ahead", "effective_on"}


def value_of(place: Place, value: Any, view: Any) -> Any:
    """`view`: the screen of the table, None when it has none."""
    entity, name = place
    if value is None or value == "":
        return formatters.EMPTY
    if value == HIDDEN:
        return value
    if isinstance(value, bool):
        return formatters.yes_no(value)
    if name.endswith("_fen") and isinstance(value, int):
        return f"¥{yuan(value)}" if value >= 0 else f"-¥{yuan(-value)}"
    shape = NOTATIONS if isinstance(value, str) else STRUCTURED
    if place in shape:
        return shape[place](value)
    words = labels_audit.CHOICES.get(entity, {}).get(name) or _choices_of(view, name)
    if words:
        return str(words.get(str(value), value))
    if name.endswith(("_minute", "_bp")) and isinstance(value, int):
        return clock_of(value) if name.endswith("_minute") else formatters.percent(value)
    if place in ROLES_IN:
        return role_names([value] if isinstance(value, str) else value)
    return _by_type(name, value)


def _choices_of(view: Any, name: str) -> Mapping[str, Any]:
    return (view.choices.get(name) if view else None) or {}


def _by_type(name: str, value: Any) -> Any:
    words = labels_audit.WORDS.get(name, {})
    if isinstance(value, str):
        return _instant(value) if name.endswith("_at") else word(words, value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return formatters.joined(word(words, part) for part in value)
    return in_words(value) if isinstance(value, (dict, list)) else str(value)


def _instant(value: str) -> Any:
    try:
        return formatters.instant(datetime.fromisoformat(value))
    except ValueError:
        return value


def _lines(lines: Iterable[Any]) -> Any:
    return Markup('<span class="multiline">{}</span>').format(Markup("\n").join(lines))


def _named(pairs: Iterable[tuple[Any, Any]]) -> Any:
    return _lines(Markup("{}{}{}").format(name, _(": "), value) for name, value in pairs)


def _grants(value: Any) -> Any:
    """ "can_list OrderView, can_show OrderView": a line for each screen."""
    pairs = (part.split(" ", 1) for part in str(value).split(", "))
    return _named(grants_in_words((one[0], one[-1]) for one in pairs))


def _journal_lines(lines: list[dict[str, Any]]) -> Any:
    return _named((name, _sides(debit, credit)) for name, debit, credit in told_lines(lines))


def _sides(debit_fen: int | None, credit_fen: int | None) -> str:
    parts = []
    if debit_fen:
        parts.append(_("Debit %(amount)s", amount=f"¥{yuan(debit_fen)}"))
    if credit_fen:
        parts.append(_("Credit %(amount)s", amount=f"¥{yuan(credit_fen)}"))
    return _(", ").join(parts)


def _totals(totals: Mapping[str, Any]) -> Any:
    accounts = totals.get("accounts", {}).items()
    sums = [(word(ACCOUNT, code), _sides(*sides)) for code, sides in accounts]
    return _named([(_("Journals"), totals.get("journals", "")), *sums])


def _payload(payload: Mapping[str, Any]) -> Any:
    """What a request would carry out; its page compares it with what is there now."""
    if payload.keys() >= PARAMETER:
        told = DIFFERENCES["parameter"](payload)
        return _named((what, f"{before} → {after}") for what, before, after in told)
    parts = dict(payload)
    if "payees" in parts:
        parts["payees"] = payees(parts["payees"])
    if "lines" in parts and isinstance(parts["lines"], list):
        parts["lines"] = _journal_lines(parts["lines"])
    if "payments" in parts and isinstance(parts["payments"], list):
        parts["payments"] = {number: f"¥{yuan(fen)}" for number, fen in parts["payments"]}
    if parts.get("asked_by_id"):
        parts["asked_by_id"] = name_of_staff(parts["asked_by_id"])
    if "accounts" in parts:
        parts["accounts"] = _totals(parts)
    return in_words(parts)


def _screen(name: str) -> str:
    return screen_words(screen_named(name), name)


# Text in a notation of its own.
NOTATIONS: Mapping[Place, Callable[[Any], Any]] = {
    ("ab_permission_view", "added"): _grants,
    ("ab_permission_view", "removed"): _grants,
    ("export", "kind"): _screen,
    ("export", "list"): _screen,
    ("service_plan", "rrule"): repeats,
}
# What is kept as JSON.
STRUCTURED: Mapping[Place, Callable[[Any], Any]] = {
    ("approval", "payload"): _payload,
    ("ledger_proof", "results"): lambda results: _lines(figures_of(results)),
    ("manual_journal", "lines"): _journal_lines,
    ("payout_batch", "content"): payees,
    ("order_item", "options"): chosen,
    ("period_seal", "totals"): _totals,
    ("restore_job", "differences"): tables_told,
    ("restore_job", "entities"): tables_told,
    ("segment", "rules"): rules_text,
    ("service_plan", "request"): ordered,
}
