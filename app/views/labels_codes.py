"""Words for open sets of codes: events, dispatch rules, accounts, topics. Unknown codes stay."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain import eligibility as rule

Labels = dict[str, Any]


def word(table: Labels, code: str) -> str:
    """The label of a code, or the code itself when nobody has named it yet."""
    return str(table.get(code, code))


BROKEN_RULE: Labels = {
    rule.NOT_ACTIVE: _l("is not active"),
    rule.SKILL: _l("lacks a skill"),
    rule.LEVEL: _l("skill level too low"),
    rule.DOCUMENT: _l("a document is missing or has expired"),
    rule.AREA: _l("does not serve this area"),
    rule.RADIUS: _l("lives too far away"),
    rule.REJECTED: _l("has rejected this order"),
    rule.OFF_SHIFT: _l("is off shift"),
    rule.BUSY: _l("is busy at that time"),
    rule.TRAVEL: _l("cannot get there in time"),
    rule.DAILY_CAP: _l("has enough visits that day"),
}
SCORE_TERM: Labels = {
    "travel": _l("Short way"),
    "skill_fit": _l("Skill fits"),
    "rating": _l("Rating"),
    "load": _l("Few visits that day"),
    "continuity": _l("Knows the customer"),
}
REFUND_REASON: Labels = {
    "paid_after_end": _l("paid after the order had ended"),
    "paid_late": _l("paid after the time to pay"),
    "paid_twice": _l("paid twice"),
}
UNASSIGNED_REASON: Labels = {
    **BROKEN_RULE,
    "no_worker": _l("there are no workers"),
    "rounds_exhausted": _l("all rounds of offers are over"),
}
REJECT_REASON: Labels = {
    "time_conflict": _l("Has something else at that time"),
    "too_far": _l("Too far away"),
    "unwell": _l("Unwell"),
    "family_matter": _l("Family matters"),
    "tools_missing": _l("Tools are missing"),
    "beyond_skill": _l("Cannot do this kind of work"),
    "customer_history": _l("Bad experience with this customer"),
    "other": _l("Other"),
}
EVENT: Labels = {
    "created": _l("Ordered"),
    "payment.started": _l("Payment started"),
    "payment.succeeded": _l("Payment received"),
    "payment.closed": _l("Payment closed"),
    "payment.failed": _l("Payment failed"),
    "payment.voucher": _l("Voucher of a bank transfer sent"),
    "payment.entered": _l("Bank transfer entered"),
    "payment.handed_in": _l("Cash handed in"),
    "pay_on_site": _l("Will be paid in cash"),
    "paid": _l("Fully paid"),
    "late_payment": _l("Paid late, the time was still free"),
    "pay_timeout": _l("Not paid in time"),
    "refund.approved": _l("Refund decided"),
    "refund.succeeded": _l("Refunded"),
    "refund.failed": _l("Refund failed"),
    "unassigned": _l("Nobody found"),
    "offered": _l("Offered to a worker"),
    "offer_accepted": _l("Offer accepted"),
    "offer_rejected": _l("Offer rejected"),
    "offer_expired": _l("Offer expired"),
    "looking_again": _l("Looking for another worker"),
    "capacity_lost": _l("The worker is no longer free"),
    "assigned": _l("Assigned by hand"),
    "accepted": _l("Order accepted"),
    "departed": _l("On the way"),
    "checked_in": _l("Work began"),
    "file_added": _l("Photo uploaded"),
    "visit_done": _l("Visit done"),
    "checked_out": _l("Work ended"),
    "confirmed": _l("Confirmed"),
    "confirmed_by_clock": _l("Confirmed by itself"),
    "revenue.recognised": _l("Revenue recognised"),
    "reviewed": _l("Customer's review"),
}
ACCOUNT: Labels = {
    "clearing_wechat": _l("WeChat Pay clearing"),
    "clearing_alipay": _l("Alipay clearing"),
    "clearing_card": _l("Bank card clearing"),
    "clearing_bank": _l("Bank transfers clearing"),
    "clearing_cash": _l("Cash clearing"),
    "bank": _l("Bank"),
    "worker_cash": _l("Cash held by workers"),
    "customer_receivables": _l("Customers' receivables"),
    "worker_negative": _l("Owed by workers"),
    "customer_prepayments": _l("Customers' prepayments"),
    "refunds_due": _l("Refunds due"),
    "worker_frozen": _l("Workers' payable, frozen"),
    "worker_available": _l("Workers' payable, available"),
    "withdrawals_in_transit": _l("Withdrawals in transit"),
    "partner_payable": _l("Partners' payable"),
    "tax_withheld": _l("Tax withheld"),
    "commission_income": _l("Commission income"),
    "cancellation_fees": _l("Cancellation fees"),
    "channel_fees": _l("Channel fees"),
    "coupons": _l("Coupons and subsidies"),
    "compensation": _l("Compensation"),
    "suspense": _l("Reconciliation suspense"),
}
JOURNAL_KIND: Labels = {
    "payment": _l("Payment received"),
    "refund_due": _l("Refund decided"),
    "refund": _l("Refunded"),
    "revenue": _l("Revenue recognised"),
    "settlement": _l("Settlement"),
    "cash_held": _l("Cash taken by a worker"),
    "cash_in": _l("Cash handed in"),
    "withdrawal": _l("Withdrawal asked for"),
    "withdrawal_paid": _l("Withdrawal paid"),
    "withdrawal_back": _l("Withdrawal came back"),
    "manual": _l("Manual journal"),
    "reversal": _l("Reversal"),
    "opening": _l("Opening balance"),
}
SOURCE_KIND: Labels = {
    "payment_attempt": _l("Payment"),
    "refund": _l("Refund"),
    "order": _l("Order"),
    "statement": _l("Statement"),
    "withdrawal": _l("Withdrawal"),
    "adjustment": _l("Adjustment"),
    "difference": _l("Difference"),
    "manual_journal": _l("Manual journal"),
    "worker": _l("Worker"),
}
APPROVAL_KIND: Labels = {
    "manual_journal": _l("Manual journal"),
    "period_seal": _l("Seal of a month"),
    "bank_transfer": _l("Bank transfer received"),
    "override": _l("Exception in dispatch"),
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
    "worker": _l("Worker"),
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
NOTICE_OUTCOME: Labels = {
    "received": _l("Received"),
    "applied": _l("Applied"),
    "error": _l("Error"),
}
AUDIT_ACTION: Labels = {
    "insert": _l("Added"),
    "update": _l("Changed"),
    "delete": _l("Deleted"),
    "login": _l("Signed in"),
    "login_failed": _l("Log-in failed"),
    "logout": _l("Signed out"),
    "refusal": _l("Permission refused"),
    "booking": _l("Booked"),
    "payment": _l("Paid"),
    "erase": _l("Key destroyed"),
    "prune": _l("Old rows deleted"),
    "solve": _l("Marked as solved"),
    "reveal": _l("Revealed"),
    "grant": _l("Role given"),
    "revoke": _l("Role taken"),
    "unlock": _l("Unlocked"),
    "export": _l("Exported"),
    "refuse": _l("Refused"),
    "suspend": _l("Suspended"),
    "reinstate": _l("Reinstated"),
    "reject": _l("Rejected"),
    "retry": _l("Tried again"),
    "settle": _l("Settled"),
    "free": _l("Freed"),
    "cancel": _l("Cancelled"),
    "run_now": _l("Started by hand"),
    "download": _l("Downloaded"),
    "sync": _l("Permissions written"),
    "load": _l("Loaded by command"),
}
JOB: Labels = {
    "export": _l("Export of a list"),
    "fire_timers": _l("Deadlines that are due"),
    "load_demo": _l("Loading the demo"),
    "prove_ledger": _l("Proving the ledger"),
    "prune": _l("Deleting what has served its purpose"),
    "query_payments": _l("Payments without an answer"),
    "refresh_refunds": _l("Refunds on their way"),
    "refresh_withdrawals": _l("Withdrawals on their way"),
    "relay_outbox": _l("Delivering messages"),
    "seal_audit": _l("Sealing the audit log"),
    "sweep_deadlines": _l("Deadlines that were missed"),
    "sweep_exports": _l("Files that have expired"),
    "sweep_holds": _l("Held times that ended"),
    "sweep_runs": _l("Runs whose process was killed"),
}
REVEALED: Labels = {
    "phone": _l("Phone"),
    "contact_phone": _l("Phone"),
    "number": _l("Number"),
    "account": _l("Account"),
}
TIMER_KIND: Labels = {
    "order.pay_timeout": _l("Time to pay"),
    "order.confirm": _l("Confirmed by itself"),
    "hold.expire": _l("Held time ends"),
    "offer.expire": _l("Offer ends"),
    "approval.expire": _l("Request for approval ends"),
}
TOPIC: Labels = {
    "order.dispatch": _l("Search for workers"),
    "order.close_unpaid": _l("Close an unpaid order"),
    "refund.submit": _l("Send a refund"),
    "sms.login_code": _l("Send a log-in code"),
    "notify": _l("Tell somebody"),
}
SEVERITY: Labels = {
    "low": _l("Low"),
    "normal": _l("Normal"),
    "high": _l("High"),
    "critical": _l("Critical"),
}
REASON: Labels = {**UNASSIGNED_REASON, **BROKEN_RULE, **REJECT_REASON, **REFUND_REASON}
PARAMETER_AREA: Labels = {
    "booking": _l("Booking"),
    "travel": _l("Ways between visits"),
    "payment": _l("Payment"),
    "dispatch": _l("Dispatch"),
    "cancel": _l("Cancelling"),
    "move": _l("Moving"),
    "no_show": _l("No-shows"),
    "visit": _l("Visits"),
    "workers": _l("Workers"),
    "settlement": _l("Settlement"),
    "reconciliation": _l("Reconciliation"),
    "withdrawal": _l("Withdrawals"),
    "review": _l("Reviews"),
    "complaint": _l("Complaints"),
    "service": _l("Customer service"),
    "plan": _l("Plans"),
    "notification": _l("Notifications"),
    "approval": _l("Approvals"),
    "export": _l("Exported files"),
    "security": _l("Security"),
    "privacy": _l("Privacy"),
    "retention": _l("How long data is kept"),
    "backup": _l("Backup"),
    "company": _l("Company"),
}
PARAMETER_GROUP: Labels = {
    "business": _l("Operations decide"),
    "money": _l("Finance decides"),
    "system": _l("The administrator decides"),
}
MESSAGE_EVENT: Labels = {
    "order.accepted": _l("Order accepted"),
    "order.unassigned": _l("Nobody found"),
    "order.capacity_lost": _l("The worker is no longer free"),
    "visit.departed": _l("On the way"),
    "visit.started": _l("Work began"),
    "visit.done": _l("Work ended"),
    "offer.new": _l("Offered to a worker"),
    "offer.ended": _l("Offer ends"),
    "complaint.investigated": _l("Complaint: looked into"),
    "complaint.question": _l("Complaint: question to the customer"),
    "complaint.proposed": _l("Complaint: solution proposed"),
    "complaint.resolved": _l("Complaint: resolved"),
    "feedback.answered": _l("Feedback answered"),
}
