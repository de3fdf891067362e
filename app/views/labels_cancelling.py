"""Words for what cancelling an order costs, and why it is done."""

from typing import Any

from flask_babel import lazy_gettext as _l

Labels = dict[str, Any]

CANCEL_STEP: Labels = {
    "unpaid": _l("not paid yet: free"),
    "before_acceptance": _l("nobody has accepted yet: free"),
    "in_time": _l("in time: free"),
    "late": _l("late"),
    "departed": _l("the worker is on the way"),
    "platform": _l("cancelled by the company: free"),
    "customer_no_show": _l("nobody was at home"),
}
CANCEL_REASON: Labels = {
    "changed_mind": _l("Changed his mind"),
    "other_time": _l("Another time suits better"),
    "too_expensive": _l("Too expensive"),
    "nobody_found": _l("Nobody found"),
    "worker_unavailable": _l("The worker cannot come"),
    "mistake": _l("Ordered by mistake"),
    "customer_no_show": _l("Nobody was at home"),
    "other": _l("Other"),
}
