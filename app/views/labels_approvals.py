"""Words for what a second person decides and for the facts that are shown to him."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels

APPROVAL_KIND: Labels = {
    "manual_journal": _l("Manual journal"),
    "period_seal": _l("Seal of a month"),
    "bank_transfer": _l("Bank transfer received"),
    "adjustment": _l("Adjustment"),
    "override": _l("Exception in dispatch"),
    "refund": _l("Refund"),
    "refund_second": _l("Refund, second person"),
    "refund_small": _l("Refund within the limit"),
    "parameter": _l("Parameter"),
    "role_grant": _l("Role"),
    "settlement_run": _l("Settlement run"),
    "withdrawal": _l("Withdrawal"),
}
PAYLOAD_KEY: Labels = {
    "number": _l("Number"),
    "order": _l("Order"),
    "payment": _l("Payment"),
    "bank_number": _l("Number at the bank"),
    "received_at": _l("Received at"),
    "booked_on": _l("Booked on"),
    "reason": _l("Reason"),
    "journals": _l("Journals"),
    "total_fen": _l("Amount"),
    "reverses_id": _l("Reverses"),
    "sha256": _l("Fingerprint"),
    "hash": _l("Fingerprint"),
    "worker": _l("Worker"),
    "kind": _l("Kind"),
    "payments": _l("Payments"),
    "people": _l("People who must agree"),
    "amount_fen": _l("Amount"),
    "account_tail": _l("Account ends in"),
    "channel": _l("Channel"),
    "period_from": _l("From"),
    "period_to": _l("To"),
    "base_fen": _l("Base"),
    "commission_fen": _l("Commission"),
    "payable_fen": _l("Payable"),
    "statements": _l("Statements"),
    "lines": _l("Number of lines"),
    "lines_hash": _l("Fingerprint of the lines"),
}
