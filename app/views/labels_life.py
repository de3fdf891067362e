"""Words for what may happen to an order between its acceptance and its end."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels

EVENT: Labels = {
    "move.asked": _l("Worker asks for another time"),
    "move.proposed": _l("Another time proposed"),
    "move.not_passed_on": _l("Worker's new time not passed on"),
    "moved": _l("Moved to another time"),
    "move.declined": _l("New time declined"),
    "move.expired": _l("New time not answered"),
    "move.withdrawn": _l("New time taken back"),
}
# To customers, workers and staff.
MESSAGE: Labels = {
    "move.review": _l("Worker asks for another time"),
    "move.proposed": _l("Another time proposed"),
    "move.agreed": _l("Moved to another time"),
    "move.passed_on": _l("Worker's new time passed on"),
    "move.not_passed_on": _l("Worker's new time not passed on"),
    "move.declined": _l("New time declined"),
    "move.expired": _l("New time not answered"),
    "move.withdrawn": _l("New time taken back"),
}
REASON: Labels = {
    "order_cancelled": _l("the order was cancelled"),
    "departed": _l("the worker has set out"),
    "moved": _l("moved to another time"),
}
TIMER: Labels = {
    "move.expire": _l("Time to answer about another time"),
}
