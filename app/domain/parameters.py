"""Every business rule that a company may change, declared once.

The form, the checks and the documentation (docs/parameters.md) come from these declarations.
"""

from collections.abc import Mapping
from typing import Any

from app.domain.errors import N_
from app.domain.parameter import Parameter


def _count(
    key: str, default: int, unit: str, low: int, high: int, help: str, **more: Any
) -> Parameter:
    return Parameter(key, "integer", default, help, unit, low, high, **more)


def _time(key: str, minute: int, low: int, high: int, help: str, **more: Any) -> Parameter:
    return Parameter(key, "integer", minute, help, "", low, high, **more)


def _yuan(key: str, fen: int, low: int, high: int, help: str, **more: Any) -> Parameter:
    return Parameter(key, "integer", fen, help, "fen", low, high, **more)


def _hours_by_severity(key: str, default: tuple[int, int, int, int], help: str) -> Parameter:
    hours = dict(zip(("low", "normal", "high", "critical"), default, strict=True))
    return Parameter(key, "weights", hours, help, "h", 1, 720)


DECLARED: tuple[Parameter, ...] = (
    _count("booking.window_minutes", 60, "min", 0, 480, N_("The worker arrives within this window; 0 promises the exact time")),
    _count("booking.horizon_days", 30, "d", 1, 365, N_("How far ahead customers can book")),
    _count("booking.lead_minutes", 120, "min", 0, 10080, N_("How long before the visit a booking must be made")),
    _count("booking.step_minutes", 30, "min", 5, 240, N_("Distance between two offered start times")),
    _count("booking.shortest_gap_minutes", 60, "min", 0, 480, N_("A gap between two visits that is shorter than this cannot be sold")),
    _time("booking.opens_minute", 480, 0, 1439, N_("First start of a visit")),
    _time("booking.closes_minute", 1200, 1, 1440, N_("Latest end of a visit")),
    Parameter("booking.weekdays", "choices", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], N_("Days of the week on which visits can be booked; a worked weekend counts as open"), choices=("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
    Parameter("booking.rest_days", "boolean", False, N_("Visits can be booked on public rest days")),
    _count("booking.hold_minutes", 15, "min", 1, 120, N_("How long a time is kept while the customer orders")),
    _count("booking.quote_minutes", 30, "min", 1, 1440, N_("How long a quoted price stands")),
    Parameter("booking.instant", "boolean", True, N_("Customers can book a visit for now")),
    _count("booking.instant_minutes", 60, "min", 15, 480, N_("A booking for now arrives within this time")),
    _count("booking.position_minutes", 15, "min", 1, 120, N_("How old the position of a worker may be who is sent now")),
    _count("booking.holds_most", 2, "", 1, 10, N_("Times that one customer may keep at once, for different services")),
    _count("booking.holds_per_hour", 20, "/h", 1, 1000, N_("Times that one customer may choose in an hour")),
    _count("booking.unpaid_most", 3, "", 1, 20, N_("Unpaid orders of one customer that may wait at once")),
    _count("booking.buffer_before_minutes", 10, "min", 0, 240, N_("Time kept free before a visit of a new service")),
    _count("booking.buffer_after_minutes", 10, "min", 0, 240, N_("Time kept free after a visit of a new service")),
    _count("booking.daily_cap", 6, "", 1, 20, N_("Most visits a day of a new worker")),
    _count("travel.speed_kmh", 18, "km/h", 1, 120, N_("Average speed between two visits")),
    _count("travel.factor_percent", 140, "%", 100, 300, N_("Road distance in percent of the straight line")),
    _count("travel.min_minutes", 8, "min", 0, 60, N_("Least time between two visits at different addresses")),
    Parameter("payment.methods", "choices", ["wechat"], N_("Payment methods offered to customers"), choices=("wechat", "alipay", "bank", "cash"), group="money"),
    _count("payment.pay_within_minutes", 15, "min", 1, 1440, N_("How long an unpaid order is kept"), group="money"),
    Parameter("payment.late_payment", "choice", "revive", N_("What happens to a payment after the order was closed"), choices=("revive", "refund"), group="money"),
    _yuan("payment.automatic_refund_fen", 20000, 0, 10000000, N_("Refunds up to this amount need no approval"), group="money"),
    _yuan("payment.two_people_refund_fen", 100000, 0, 100000000, N_("Refunds from this amount on need two people"), group="money"),
    _count("payment.voucher_days", 3, "d", 1, 30, N_("How long an order waits for the voucher of a bank transfer"), group="money"),
    Parameter("payment.bank_account", "text", "", N_("Name, bank and account number that customers transfer to"), high=120, group="money"),
    _count("payment.reminder_days", 3, "d", 1, 60, N_("Days between two reminders of what a customer owes"), group="money"),
    _count("payment.reminders", 3, "", 0, 20, N_("Reminders before a person takes it over"), group="money"),
    Parameter("dispatch.mode", "choice", "cascade", N_("How offers are sent: to the best one, one after the other, or to several at once"), choices=("direct", "cascade", "broadcast")),
    _count("dispatch.offer_minutes", 10, "min", 1, 240, N_("How long a worker may think about an offer")),
    _count("dispatch.batch", 3, "", 1, 20, N_("Offers sent at once in a broadcast")),
    _count("dispatch.rounds", 4, "", 1, 20, N_("Rounds of offers before a person decides")),
    _count("dispatch.radius_km", 12, "km", 1, 200, N_("Farthest home of a worker from the address")),
    Parameter("dispatch.weights", "weights", {"travel": 30, "skill_fit": 15, "rating": 25, "load": 15, "continuity": 15}, N_("Weights of the score; more is more important"), low=0, high=100),
    _count("dispatch.instant_offer_minutes", 2, "min", 1, 60, N_("How long a worker may think about an offer for now")),
    _count("dispatch.escalate_minutes", 90, "min", 0, 1440, N_("How long before the visit people are told that nobody has accepted; for now: at once")),
    _count("dispatch.give_up_minutes", 30, "min", 0, 1440, N_("How long before the visit the search ends and the customer is asked")),
    _time("cancel.free_until_minute", 1080, 1, 1440, N_("Cancelling is free until this time on the day before")),
    _count("cancel.late_percent", 30, "%", 0, 100, N_("Fee for cancelling after that")),
    _count("cancel.departed_percent", 50, "%", 0, 100, N_("Fee for cancelling after the worker has departed")),
    _count("move.most", 3, "", 0, 20, N_("How often an order can be moved")),
    _count("move.cutoff_hours", 12, "h", 0, 168, N_("How long before the visit it can be moved")),
    _count("move.answer_hours", 6, "h", 1, 168, N_("How long the other side may think about a new time")),
    _count("move.withdraw_cutoff_hours", 6, "h", 0, 168, N_("How long before the visit a worker can withdraw")),
    _count("move.withdraw_free", 2, "", 0, 30, N_("How often in 30 days a worker may withdraw for nothing")),
    _yuan("move.withdraw_penalty_fen", 2000, 0, 100000, N_("What each further withdrawal costs the worker"), group="money"),
    _count("no_show.wait_minutes", 20, "min", 0, 240, N_("How long a worker waits for a customer who is not there")),
    _count("no_show.fee_percent", 50, "%", 0, 100, N_("Fee of a customer who was not there")),
    _count("no_show.grace_minutes", 15, "min", 0, 240, N_("How late a worker may be before it counts as not coming")),
    _count("visit.geofence_m", 300, "m", 20, 5000, N_("Farthest check-in from the address")),
    _count("visit.early_minutes", 30, "min", 0, 240, N_("How early a worker may check in")),
    _count("visit.photos_before", 1, "", 0, 20, N_("Photos before the work that a check-out needs")),
    _count("visit.photos_after", 2, "", 0, 20, N_("Photos after the work that a check-out needs")),
    _count("visit.files_most", 60, "", 1, 500, N_("Most photos and videos of a visit")),
    _count("visit.confirm_hours", 48, "h", 1, 720, N_("An order is confirmed by itself after this time")),
    _count("visit.video_seconds", 30, "s", 1, 300, N_("Longest video")),
    _count("visit.video_megabytes", 30, "MB", 1, 200, N_("Largest video")),
    _count("visit.overtime_grace_minutes", 15, "min", 0, 240, N_("Time over the plan that costs nothing")),
    _count("visit.overtime_step_minutes", 30, "min", 5, 240, N_("Overtime is charged in steps of this length")),
    _count("visit.overtime_percent", 100, "%", 0, 500, N_("Price of overtime in percent of the usual price")),
    Parameter("workers.documents", "choices", ["id_card", "health"], N_("Documents that a worker needs before a visit"), choices=("id_card", "health", "skill", "no_record")),
    _count("workers.health_months", 12, "mo", 1, 60, N_("How long a health certificate is valid when it does not say so")),
    _count("workers.warn_days", 30, "d", 1, 180, N_("How long before a document ends it is told")),
    _count("workers.face_permille", 800, "‰", 500, 1000, N_("Likeness that a face check needs")),
    _count("workers.face_tries", 3, "", 1, 10, N_("Tries of a face check before a person decides")),
    _count("workers.suspend_rating_percent", 80, "%", 0, 100, N_("A rating below this share of five stars suspends a worker; 0 never does")),
    _count("workers.suspend_complaints", 3, "", 0, 50, N_("Justified complaints in 30 days that suspend a worker; 0 never does")),
    Parameter("workers.full_names", "boolean", False, N_("Customers who choose a worker see the whole name; otherwise its first sign")),
    _count("settlement.hold_days", 7, "d", 0, 90, N_("Days between completion and settlement"), group="money"),
    Parameter("settlement.period", "choice", "monthly", N_("How often the timetable makes a settlement"), choices=("weekly", "monthly"), group="money"),
    _count("settlement.commission_bp", 2000, "bp", 0, 10000, N_("Commission of a new commission rule"), group="money"),
    Parameter("settlement.tax_table", "choice", "none", N_("Table by which tax is withheld from workers"), choices=("none", "labour"), group="money"),
    _yuan("reconciliation.tolerance_fen", 0, 0, 10000, N_("Differences up to this amount are explained by themselves"), group="money"),
    _count("withdrawal.minimum_fen", 10000, "fen", 1, 1000000, N_("Least amount of a withdrawal"), group="money"),
    _count("withdrawal.per_day", 1, "", 1, 20, N_("Withdrawals of one worker a day"), group="money"),
    _count("review.within_days", 15, "d", 1, 365, N_("How long after completion a customer may review")),
    _count("review.prior_permille", 4600, "‰", 1000, 5000, N_("Stars (in thousandths) that a worker without reviews starts from")),
    _count("review.prior_weight", 20, "", 0, 1000, N_("How many reviews that start weighs")),
    _count("review.half_life_days", 180, "d", 7, 3650, N_("After this time a review counts half")),
    _hours_by_severity("complaint.answer_hours", (4, 2, 1, 1), N_("A complaint is answered within")),
    _hours_by_severity("complaint.solve_hours", (72, 48, 24, 8), N_("A complaint is solved within")),
    _count("complaint.reopen_days", 7, "d", 0, 90, N_("How long a closed complaint can be opened again")),
    _yuan("service.refund_limit_fen", 20000, 0, 10000000, N_("Refund that customer service may approve"), group="money"),
    _yuan("service.compensation_limit_fen", 10000, 0, 10000000, N_("Compensation that customer service may approve"), group="money"),
    _count("plan.made_days", 7, "d", 1, 60, N_("How long before its visit an order of a plan is made, and to be paid")),
    _count("plan.pay_hours", 48, "h", 1, 720, N_("How long an order of a plan waits for its payment")),
    _count("plan.most", 5, "", 1, 100, N_("Most plans that one customer has at a time")),
    _time("notification.quiet_from_minute", 1320, 0, 1439, N_("From this time on only what cannot wait is sent")),
    _time("notification.quiet_to_minute", 420, 0, 1439, N_("Until this time only what cannot wait is sent")),
    _count("export.keep_days", 7, "d", 1, 90, N_("How long an exported file can be downloaded"), group="system"),
    _count("approval.expire_hours", 72, "h", 1, 720, N_("How long somebody may take to approve"), group="system"),
    _count("security.code_seconds", 300, "s", 60, 900, N_("How long a log-in code is valid"), group="system"),
    _count("security.code_tries", 5, "", 1, 10, N_("Wrong tries that kill a log-in code"), group="system"),
    _count("security.code_gap_seconds", 60, "s", 0, 600, N_("Time between two codes to one phone"), group="system"),
    _count("security.codes_per_phone", 10, "/d", 1, 100, N_("Log-in codes a day to one phone"), group="system"),
    _count("security.codes_per_address", 20, "/h", 1, 10000, N_("Log-in codes an hour for one network address"), group="system"),
    _count("security.codes_per_device", 20, "/h", 1, 10000, N_("Log-in codes an hour for one device"), group="system"),
    _count("security.codes_per_day", 5000, "/d", 1, 1000000, N_("Daily budget of text messages"), group="system"),
    _count("security.work_from_code", 3, "", 1, 100, N_("From this code of a day on, a device must prove work"), group="system"),
    _count("security.login_tries", 5, "", 1, 50, N_("Wrong passwords before an account is closed for a while"), group="system"),
    _count("security.reveals_per_hour", 30, "/h", 1, 1000, N_("Personal data that one member of staff may open in an hour"), group="system"),
    _count("security.login_lock_minutes", 15, "min", 1, 1440, N_("How long it stays closed"), group="system"),
    _count("privacy.phone_visible_hours", 24, "h", 0, 720, N_("How long after a visit its worker sees the customer's phone"), group="system"),
    _count("retention.positions_days", 30, "d", 1, 365, N_("How long positions are kept"), group="system"),
    _count("retention.faces_days", 180, "d", 1, 3650, N_("How long pictures of faces are kept"), group="system"),
    _count("retention.codes_days", 1, "d", 1, 30, N_("How long log-in codes are kept"), group="system"),
    _count("retention.audit_years", 5, "y", 1, 30, N_("How long the audit trail is kept"), group="system"),
    _time("backup.at_minute", 180, 0, 1439, N_("When the daily backup is made"), group="system"),
    _count("backup.kept", 14, "", 1, 365, N_("How many backups are kept"), group="system"),
    Parameter("company.name", "text", "到家服务有限公司", N_("Name on statements and receipts"), high=100, group="system"),
    Parameter("company.tax_number", "text", "", N_("Tax number on statements and receipts"), high=32, group="system"),
)  # fmt: skip

BY_KEY: Mapping[str, Parameter] = {parameter.key: parameter for parameter in DECLARED}
