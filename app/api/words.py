"""What customers and workers read for stored values. Unknown values stay as they are."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

Words = Mapping[str, Any]

ORDER_STATUS: Words = {
    "pending_payment": _l("To be paid"),
    "pending_dispatch": _l("Looking for a worker"),
    "offered": _l("Waiting for a worker to accept"),
    "accepted": _l("Booked"),
    "en_route": _l("The worker is on the way"),
    "in_service": _l("In service"),
    "pending_confirm": _l("Please confirm"),
    "completed": _l("Completed"),
    "closed": _l("Closed unpaid"),
    "cancelled": _l("Cancelled"),
    "no_show": _l("Nobody was at home"),
    "exception": _l("Being looked into"),
}
VISIT_STATUS: Words = {
    "planned": _l("Planned"),
    "en_route": _l("On the way"),
    "in_service": _l("In service"),
    "done": _l("Done"),
    "missed": _l("Missed"),
    "cancelled": _l("Cancelled"),
}
PAYMENT_STATUS: Words = {
    "created": _l("Being opened"),
    "pending": _l("Waiting for payment"),
    "unknown": _l("Being checked"),
    "succeeded": _l("Paid"),
    "closed": _l("Closed"),
    "failed": _l("Failed"),
}
ADD_ON_STATUS: Words = {
    "proposed": _l("Please answer"),
    "approved": _l("Agreed"),
    "refused": _l("Declined"),
    "expired": _l("Expired"),
}
MOVE_STATUS: Words = {
    "proposed": _l("Asked for"),
    "ops_review": _l("We are looking at it"),
    "await_other_side": _l("Waiting for an answer"),
    "agreed": _l("Agreed"),
    "declined": _l("Declined"),
    "expired": _l("Not answered in time"),
    "withdrawn": _l("Withdrawn"),
}
MOVE_ASKED_BY: Words = {
    "customer": _l("The customer"),
    "worker": _l("The worker"),
    "staff": _l("Our office"),
}
CANCEL_STEP: Words = {
    "unpaid": _l("Free: not paid yet"),
    "before_acceptance": _l("Free: nobody has accepted yet"),
    "in_time": _l("Free: in time"),
    "late": _l("For a fee: it is late"),
    "departed": _l("For a fee: the worker is on the way"),
    "platform": _l("Free: cancelled by us"),
}
HOLD_STATUS: Words = {
    "live": _l("Held"),
    "taken": _l("Ordered"),
    "released": _l("Released"),
    "expired": _l("Expired"),
}
STATEMENT_STATUS: Words = {
    "approved": _l("Please check"),
    "confirmed": _l("Confirmed"),
    "disputed": _l("Disputed"),
}
ADJUSTMENT_KIND: Words = {
    "reward": _l("Reward"),
    "penalty": _l("Penalty"),
    "compensation": _l("Compensation"),
    "carry_over": _l("Carried over"),
    "correction": _l("Correction"),
    "refund": _l("Taken back by a refund"),
}
REFUND_STATUS: Words = {
    "requested": _l("Being decided"),
    "approved": _l("On its way"),
    "submitted": _l("On its way"),
    "unknown": _l("On its way"),
    "failed": _l("Delayed: we are looking for another way"),
    "manual": _l("Being paid in another way"),
    "succeeded": _l("Arrived"),
    "rejected": _l("Declined"),
}
WITHDRAWAL_STATUS: Words = {
    "applied": _l("Being reviewed"),
    "reviewed": _l("Waiting to be sent"),
    "sent": _l("Sent"),
    "waiting_for_payee": _l("Please confirm the receipt"),
    "unknown": _l("Being checked"),
    "paid": _l("Paid"),
    "failed": _l("Failed"),
    "expired": _l("Expired"),
    "returned": _l("Returned"),
    "rejected": _l("Rejected"),
}
REJECT_REASON: Words = {
    "too_far": _l("Too far away"),
    "time_conflict": _l("I have something else at that time"),
    "unwell": _l("I am unwell"),
    "family_matter": _l("Family matters"),
    "tools_missing": _l("I lack the tools"),
    "beyond_skill": _l("I cannot do this work"),
    "customer_history": _l("I had trouble with this customer"),
    "other": _l("Other"),
}
# Why a day has no free time. A customer learns what stands in the way, not who.
NO_SLOT: Words = {
    "too_soon": _l("Too late to book for this day"),
    "past_horizon": _l("Not open for booking yet"),
    "no_worker": _l("Nobody works here on this day"),
    "not_active": _l("Nobody works here on this day"),
    "area_not_served": _l("Nobody serves this area on this day"),
    "too_far": _l("Nobody serves this area on this day"),
    "skill_missing": _l("Nobody can do all of these services"),
    "skill_level": _l("Nobody can do all of these services"),
    "document_invalid": _l("Nobody works here on this day"),
    "off_shift": _l("Nobody is on duty at these hours"),
    "daily_cap": _l("Fully booked"),
    "time_taken": _l("Fully booked"),
    "travel_too_long": _l("Fully booked"),
}
# The same of one date of a plan.
NO_DATE: Words = {
    **NO_SLOT,
    "slot_taken": _l("Fully booked"),
    "slot_not_offered": _l("This time is not offered"),
    "not_found": _l("What was ordered is not offered any more"),
    "too_late": _l("Too late to book for this day"),
    "holiday": _l("Left out: a holiday"),
    "paused": _l("Left out: the plan was paused"),
    "by_customer": _l("You left it out"),
    "by_staff": _l("Left out by us"),
}
PLAN_STATUS: Words = {
    "active": _l("Active"),
    "paused": _l("Paused"),
    "ended": _l("Ended"),
}
# A date before the plan is made, and as it is afterwards.
DATE_STATE: Words = {
    "free": _l("Free"),
    "other_worker": _l("Another worker"),
    "other_time": _l("Only at another time"),
    "impossible": _l("Nobody is free"),
    "holiday": _l("Holiday: left out"),
    "too_far": _l("Checked when it comes near"),
}
DATE_STATUS: Words = {
    "planned": _l("Planned"),
    "ordered": _l("Ordered"),
    "skipped": _l("Left out"),
    "impossible": _l("Nobody is free: please choose another time"),
    "cancelled": _l("Cancelled"),
}
PLAN_STORY: Words = {
    "created": _l("The plan was made"),
    "changed": _l("Another plan follows"),
    "paused": _l("The plan was paused"),
    "resumed": _l("The plan goes on"),
    "shortened": _l("The later dates were cancelled"),
    "ended": _l("The plan has ended"),
    "date.ordered": _l("An order was made"),
    "date.other_worker": _l("Another worker will come"),
    "date.impossible": _l("Nobody is free on this date"),
    "date.told": _l("We told you and named other times"),
    "date.skipped": _l("This date was left out"),
    "date.put_back": _l("This date was put back"),
    "date.shifted": _l("This date is at another time"),
    "date.cancelled": _l("This date was cancelled"),
}
# Events that a customer is told of, in the order's timeline.
TIMELINE: Words = {
    "created": _l("You ordered"),
    "payment.started": _l("Payment started"),
    "payment.voucher": _l("Voucher of a bank transfer sent"),
    "pay_on_site": _l("Will be paid in cash"),
    "payment.succeeded": _l("Payment received"),
    "payment.failed": _l("The payment failed"),
    "late_payment": _l("Paid late, the time was still free"),
    "pay_timeout": _l("Closed, because it was not paid in time"),
    "offered": _l("We are asking a worker"),
    "unassigned": _l("We have not found a worker yet"),
    "accepted": _l("A worker has accepted"),
    "departed": _l("The worker is on the way"),
    "checked_in": _l("The work began"),
    "visit_done": _l("This visit is done"),
    "checked_out": _l("The work is done. Please confirm"),
    "confirmed": _l("You confirmed"),
    "confirmed_by_clock": _l("Confirmed by itself"),
    "cancelled": _l("The order was cancelled"),
    "edited": _l("The order was changed"),
    "edit.asked": _l("The change waits for its payment"),
    "edit.dropped": _l("The change was given up"),
    "move.proposed": _l("Another time was proposed; the old one is kept until it is agreed"),
    "moved": _l("The visit was moved to another time"),
    "move.declined": _l("The other time was declined; the old one stands"),
    "move.expired": _l("Nobody answered about the other time; the old one stands"),
    "move.withdrawn": _l("The other time was taken back; the old one stands"),
    "add_on.proposed": _l("An addition was proposed"),
    "add_on.approved": _l("You agreed to an addition"),
    "add_on.refused": _l("You declined an addition"),
    "pay.reminded": _l("We reminded you to pay"),
    "pay.due_soon": _l("We reminded you to pay"),
    "refund.approved": _l("A refund was decided"),
    "refund.requested": _l("A refund was asked for"),
    "refund.rejected": _l("A refund was declined"),
    "refund.succeeded": _l("The refund has arrived"),
    "reviewed": _l("You reviewed"),
}
NOTIFICATION: Words = {
    "order.accepted": _l("A worker has accepted your order"),
    "order.cancelled": _l("The order was cancelled"),
    "order.edited": _l("Your order was changed"),
    "order.supplement": _l("Please pay the difference for the change"),
    "order.owed": _l("Please pay what is still owed"),
    "move.proposed": _l("Another time is proposed. Please answer"),
    "move.agreed": _l("The visit was moved to another time"),
    "move.passed_on": _l("We asked the customer about your new time"),
    "move.not_passed_on": _l("Your new time could not be arranged; the old one stands"),
    "move.declined": _l("The other time was declined; the old one stands"),
    "move.expired": _l("Nobody answered about the other time; the old one stands"),
    "move.withdrawn": _l("The other time was taken back; the old one stands"),
    "order.pay_soon": _l("Please pay before the time is given to others"),
    "plan.ordered": _l("An order of your plan was made"),
    "plan.other_worker": _l("Another worker will come this time"),
    "plan.date_impossible": _l("Nobody is free on a date of your plan. Please choose another time"),
    "plan.resumed": _l("Your plan goes on"),
    "add_on.proposed": _l("Your worker proposes an addition"),
    "add_on.approved": _l("The customer agreed to your addition"),
    "add_on.refused": _l("The customer declined your addition"),
    "visit.departed": _l("Your worker is on the way"),
    "visit.started": _l("The work began"),
    "visit.done": _l("The work is done. Please confirm"),
    "offer.new": _l("A new order is offered to you"),
    "offer.ended": _l("An offer is over"),
    "adjustment.approved": _l("There is a new adjustment of your pay"),
    "refund.approved": _l("A refund is on its way to you"),
    "complaint.investigated": _l("We are looking into your complaint"),
    "complaint.question": _l("We have a question about your complaint"),
    "complaint.proposed": _l("We propose a solution to your complaint"),
    "complaint.resolved": _l("Your complaint is resolved"),
    "feedback.answered": _l("We answered your feedback"),
}
