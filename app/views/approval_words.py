"""What a request changes, in words: what it is now and what it would be."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from app.domain.money import yuan
from app.domain.parameters import BY_KEY
from app.extensions import db
from app.models import Approval, CustomerAccount, Worker
from app.security import role_label
from app.views import labels
from app.views import labels_money as words
from app.views.formatters import EMPTY, day, filled, instant, joined, money
from app.views.journal_words import balances_moved, told_lines
from app.views.labels import word
from app.views.labels_approvals import APPROVAL_KIND, PAYLOAD_KEY
from app.views.labels_ledger import ACCOUNT
from app.views.labels_reasons import BROKEN_RULE
from app.views.parameter_forms import name_of, shown
from app.views.settling import payees

# (what, before, after)
Difference = tuple[Any, Any, Any]


def title_of(approval: Approval) -> str:
    """One line that says what is asked for."""
    kind = word(APPROVAL_KIND, approval.kind)
    what = name_of(BY_KEY[approval.summary]) if approval.kind == "parameter" else approval.summary
    return str(_("%(kind)s: %(what)s", kind=kind, what=what))


def differences(approval: Approval) -> list[Difference]:
    """Everything that would be carried out, what people know first."""
    if not approval.payload:  # whom it was about has been erased
        return []
    return DIFFERENCES.get(approval.kind, _facts)(approval.payload)


def subject_url(approval: Approval) -> str:
    """The page of what it is about; "" without one."""
    if approval.subject_kind == "parameter":
        return url_for("ParameterView.rule", key=approval.payload["key"])
    page = SUBJECT_PAGE.get(approval.subject_kind)
    return url_for(page, pk=approval.subject_id) if page else ""


SUBJECT_PAGE: Mapping[str, str] = {
    "manual_journal": "ManualJournalView.show",
    "add_on": "AddOnView.show",
    "adjustment": "AdjustmentView.show",
    "order": "OrderView.show",
    "customer": "CustomerView.show",
    "payment_attempt": "PaymentAttemptView.show",
    "refund": "RefundView.show",
    "settlement_run": "SettlementRunView.show",
    "payout_batch": "PayoutBatchView.show",
    "staff": "StaffView.show",
    "withdrawal": "WithdrawalView.show",
    "worker": "WorkerView.show",
}


def _facts(payload: Mapping[str, Any]) -> list[Difference]:
    """A payload that creates something: nothing was there before."""
    order = {key: place for place, key in enumerate(PAYLOAD_KEY)}
    keys = sorted(payload, key=lambda key: (order.get(key, len(order)), key))
    return [(word(PAYLOAD_KEY, key), EMPTY, _value(key, payload[key])) for key in keys]


def _value(key: str, value: Any) -> Any:
    return money(value) if key.endswith("_fen") and isinstance(value, int) else value


def _worker(number: str) -> str:
    """Requests keep numbers only: who is erased is not named by them any more."""
    name = db.session.scalar(sa.select(Worker.name).filter_by(number=number))
    return f"{name} ({number})" if name and name != number else number


def _customer(customer_id: int) -> str:
    return str(db.session.get(CustomerAccount, customer_id) or f"#{customer_id}")


def _parameter(payload: Mapping[str, Any]) -> list[Difference]:
    rule = BY_KEY[payload["key"]]
    if payload["forget"]:
        value, begins = payload["ahead"]
        when = instant(datetime.fromisoformat(begins))
        planned = filled(_("%(value)s from %(when)s on"), value=shown(rule, value), when=when)
        return [(_("Change that is ahead"), planned, _("taken back"))]
    begins = payload["effective_on"]
    since = day(date.fromisoformat(begins)) if begins else _("at once")
    return [
        (name_of(rule), shown(rule, payload["old"]), shown(rule, payload["new"])),
        (_("From"), EMPTY, since),
    ]


def _role_grant(payload: Mapping[str, Any]) -> list[Difference]:
    before, after = (
        _(", ").join(str(role_label(code)) for code in payload[side]) or EMPTY
        for side in ("before", "after")
    )
    return [(_("User name"), payload["username"], payload["username"]), (_("Roles"), before, after)]


def _override(payload: Mapping[str, Any]) -> list[Difference]:
    broken = _(", ").join(word(BROKEN_RULE, code) for code in payload["broken"])
    return [
        (_("Order"), payload["order"], payload["order"]),
        (_("Planned start"), *[instant(datetime.fromisoformat(payload["planned_start"]))] * 2),
        (_("Worker"), EMPTY, _worker(payload["worker"])),
        (_("Rules that would be set aside"), EMPTY, broken),
    ]


def _booking_override(payload: Mapping[str, Any]) -> list[Difference]:
    broken = _(", ").join(word(BROKEN_RULE, code) for code in payload["broken"])
    return [
        (_("Customer"), EMPTY, _customer(payload["customer_id"])),
        (_("Services"), EMPTY, payload["services"]),
        (_("Planned start"), EMPTY, instant(datetime.fromisoformat(payload["planned_start"]))),
        (_("Amount"), EMPTY, money(payload["total_fen"])),
        (_("Worker"), EMPTY, _worker(payload["worker"])),
        (_("Rules that would be set aside"), EMPTY, broken),
    ]


def _withdrawal(payload: Mapping[str, Any]) -> list[Difference]:
    channel = word(labels.CHANNEL, payload["channel"])
    told = [row for row in _facts(payload) if row[2] != payload["channel"]]
    status = (_("Status"), labels.WITHDRAWAL_STATUS["reviewed"], labels.WITHDRAWAL_STATUS["sent"])
    return [status, *told, (_("Channel"), EMPTY, channel)]


def _withdrawal_return(payload: Mapping[str, Any]) -> list[Difference]:
    before, after = (labels.WITHDRAWAL_STATUS[one] for one in ("paid", "returned"))
    channel = word(labels.CHANNEL, payload["channel"])
    return [(_("Status"), before, after), *_facts({**payload, "channel": channel})]


def _payout_batch(payload: Mapping[str, Any]) -> list[Difference]:
    before, after = (words.BATCH_STATUS[one] for one in ("draft", "approved"))
    facts = _facts({key: payload[key] for key in ("number", "total_fen")})
    return [(_("Status"), before, after), *facts, (_("Payees"), EMPTY, payees(payload["payees"]))]


def _settlement(payload: Mapping[str, Any]) -> list[Difference]:
    status = (_("Status"), labels.RUN_STATUS["reviewed"], labels.RUN_STATUS["approved"])
    return [status, *_facts(payload)]


def _bank_transfer(payload: Mapping[str, Any]) -> list[Difference]:
    before, after = (labels.PAYMENT_STATUS[one] for one in ("pending", "succeeded"))
    received = instant(datetime.fromisoformat(payload["received_at"]))
    return [(_("Status"), before, after), *_facts({**payload, "received_at": received})]


def _manual_journal(payload: Mapping[str, Any]) -> list[Difference]:
    """What is booked, and each account's balance as it is now and as it would be."""
    facts = {key: payload[key] for key in payload if key != "lines" and payload[key]}
    lines = [
        (name, EMPTY, _("Debit %(amount)s", amount=f"¥{yuan(debit)}") if debit
         else _("Credit %(amount)s", amount=f"¥{yuan(credit)}"))
        for name, debit, credit in told_lines(payload["lines"])
    ]  # fmt: skip
    balances = [
        (_("Balance of %(account)s", account=name), money(now), money(then))
        for name, now, then in balances_moved(payload["lines"])
    ]
    return [*_facts(facts), *lines, *balances]


def _sides(debit_fen: int, credit_fen: int) -> str:
    debit, credit = f"¥{yuan(debit_fen)}", f"¥{yuan(credit_fen)}"
    return str(_("debit %(debit)s, credit %(credit)s", debit=debit, credit=credit))


def _period_seal(payload: Mapping[str, Any]) -> list[Difference]:
    shown_keys = ("period_from", "period_to", "journals", "hash")
    totals = [
        (word(ACCOUNT, code), EMPTY, _sides(debit, credit))
        for code, (debit, credit) in payload["accounts"].items()
    ]  # fmt: skip
    return [*_facts({key: payload[key] for key in shown_keys}), *totals]


def _refund(payload: Mapping[str, Any]) -> list[Difference]:
    kind = words.REFUND_KIND[payload["kind"]]
    spread = joined(f"{number}: ¥{yuan(fen)}" for number, fen in payload["payments"])
    keys = ("order", "number", "amount_fen", "set_off_fen", "by_hand_fen", "reason", "people")
    told = {key: payload[key] for key in keys if key in payload}
    return [(_("Kind"), EMPTY, kind), *_facts(told), (_("Payments"), EMPTY, spread)]


def _waiver(payload: Mapping[str, Any]) -> list[Difference]:
    keys = ("order", "add_on", "amount_fen", "reason", "people")
    return _facts({key: payload[key] for key in keys})


def _adjustment(payload: Mapping[str, Any]) -> list[Difference]:
    payee = "worker" if "worker" in payload else "partner"
    told = {key: payload[key] for key in ("number", payee, "amount_fen", "reason")}
    if payee == "worker":
        told[payee] = _worker(payload[payee])
    kind = words.ADJUSTMENT_KIND[payload["kind"]]
    order = [(_("Order"), EMPTY, payload["order"])] if payload["order"] else []
    return [(_("Kind"), EMPTY, kind), *_facts(told), *order]


DIFFERENCES: Mapping[str, Callable[[Mapping[str, Any]], list[Difference]]] = {
    "bank_transfer": _bank_transfer,
    "manual_journal": _manual_journal,
    "payout_batch": _payout_batch,
    "period_seal": _period_seal,
    "override": _override,
    "booking_override": _booking_override,
    "parameter": _parameter,
    "adjustment": _adjustment,
    "refund": _refund,
    "refund_second": _refund,
    "refund_small": _refund,
    "role_grant": _role_grant,
    "settlement_run": _settlement,
    "waiver": _waiver,
    "waiver_second": _waiver,
    "withdrawal": _withdrawal,
    "withdrawal_return": _withdrawal_return,
}
