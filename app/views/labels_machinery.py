"""Words for what runs by itself: jobs, deadlines, messages."""

from flask_babel import lazy_gettext as _l

from app.views import labels_life
from app.views.labels import Labels

JOB: Labels = {
    "export": _l("Export of a list"),
    "fire_timers": _l("Deadlines that are due"),
    "load_demo": _l("Loading the demo"),
    "order_plans": _l("Orders of recurring plans"),
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
TIMER_KIND: Labels = {
    **labels_life.TIMER,
    "order.pay_timeout": _l("Time to pay"),
    "order.confirm": _l("Confirm by itself"),
    "hold.expire": _l("Held time ends"),
    "offer.expire": _l("Offer ends"),
    "approval.expire": _l("Request for approval ends"),
    "order.edit_expire": _l("Time to pay for a change"),
    "order.pay_reminder": _l("Reminder to pay"),
    "order.pay_soon": _l("Reminder to pay in time"),
}
TOPIC: Labels = {
    "order.dispatch": _l("Search for workers"),
    "order.choose": _l("Ask a customer how it goes on"),
    "order.close_unpaid": _l("Close an unpaid order"),
    "order.close_edit": _l("End a change that nobody paid"),
    "order.nothing_owed": _l("Go on with an order that owes nothing any more"),
    "order.close_attempts": _l("Close payments that are not needed"),
    "refund.submit": _l("Send a refund"),
    "sms.login_code": _l("Send a log-in code"),
    "plan.order_ahead": _l("Make the orders of a plan"),
    "plan.date_impossible": _l("Tell of a date that nobody can serve"),
    "notify": _l("Tell somebody"),
}
