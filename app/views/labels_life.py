"""Words for what may happen to an order between its acceptance and its end."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels

EVENT: Labels = {
    "move.asked": _l("Worker asks for another time"),
    "move.proposed": _l("Another time proposed"),
    "move.not_passed_on": _l("Worker's new time not passed on"),
    "moved": _l("Moved to another time"),
    "repriced": _l("Price of the new time"),
    "move.declined": _l("New time declined"),
    "move.expired": _l("New time not answered"),
    "move.withdrawn": _l("New time taken back"),
    "worker_withdrew": _l("Worker gave the visit back"),
    "reassigned": _l("Somebody else is sent"),
    "worker_no_show": _l("Worker did not come"),
    "escalated": _l("Nobody has accepted yet: a person looks after it"),
    "nobody_found": _l("Nobody found in time: the customer chooses"),
    "choice.asked": _l("Customer asked how it goes on"),
    "chosen": _l("Customer chose how it goes on"),
    "visits_cancelled": _l("Visits cancelled"),
    "visit_missed": _l("Nobody was at home on one of the days"),
    "substitute": _l("Somebody found for the other visits"),
    "arrived": _l("Worker is at the door"),
    "absence.reported": _l("Worker says nobody is at home"),
    "absence.refused": _l("Report refused: the visit goes on"),
    "customer_no_show": _l("Nobody was at home"),
    "exception": _l("Exception reported"),
    "resolved": _l("Exception resolved"),
    "confirmed_by_staff": _l("Completed by operations"),
    "stopped": _l("Work stopped"),
    "disputed": _l("Customer disputes it"),
    "dispute.ended": _l("Dispute ended"),
    "rework": _l("Work is done again"),
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
    "order.escalated": _l("Nobody has accepted yet"),
    "order.nobody_found": _l("Nobody found in time"),
    "order.called_off": _l("The visit does not take place"),
    "order.visits_cancelled": _l("Visits cancelled"),
    "order.looking_again": _l("Looking for another worker"),
    "order.worker_left": _l("Worker gave the visit back"),
    "order.reassigned": _l("Somebody else is sent"),
    "order.given": _l("Order given to a worker"),
    "order.missed": _l("Nobody came to the customer"),
    "worker_no_show": _l("Worker did not come"),
    "visit.arrived": _l("Worker is at the door"),
    "absence.reported": _l("Worker says nobody is at home"),
    "absence.refused": _l("Report refused: the visit goes on"),
    "absence.confirmed": _l("Report accepted"),
    "customer_no_show": _l("Nobody was at home"),
    "order.exception": _l("Exception reported"),
    "order.resolved": _l("Exception resolved"),
    "visit.stopped": _l("Work stopped"),
    "order.rework": _l("Work is done again"),
}
REASON: Labels = {
    "order_cancelled": _l("the order was cancelled"),
    "departed": _l("the worker has set out"),
    "moved": _l("moved to another time"),
    "withdrawn": _l("the worker gave the visit back"),
    "reassigned": _l("somebody else is sent"),
    "worker_no_show": _l("the worker did not come"),
    "customer_no_show": _l("nobody was at home"),
    "exception": _l("an exception was reported"),
    "stopped": _l("the work was stopped"),
    "nobody_found": _l("nobody was found in time"),
    "visits_cancelled": _l("the visit was cancelled"),
    "visit_missed": _l("nobody was at home"),
}
FAULT: Labels = {
    "worker": _l("Worker's"),
    "customer": _l("Customer's"),
    "company": _l("The company's"),
}
CHOICE: Labels = {
    "new_time": _l("Another time"),
    "other_worker": _l("Somebody else, as soon as possible"),
    "refund": _l("The money back"),
}
TIMER: Labels = {
    "move.expire": _l("Time to answer about another time"),
    "order.worker_late": _l("The worker should have come"),
    "order.escalate": _l("A person looks after the search"),
    "order.give_up": _l("The search ends"),
    "order.choice_over": _l("Time for the customer to choose"),
}
