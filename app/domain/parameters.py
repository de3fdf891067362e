"""Every business rule that a company may change, declared once.

The form, the checks and the documentation come from these declarations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.domain.errors import N_, InvalidInput

ParameterType = Literal["integer", "boolean", "text", "choice", "choices", "weights"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """`group` says who may change it: business, money or system."""

    key: str
    type: ParameterType
    default: Any
    help: str
    unit: str = ""
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    group: Literal["business", "money", "system"] = "business"

    def checked(self, value: Any) -> Any:
        """Return the value, or raise InvalidInput that says what is allowed."""
        if not self._fits(value):
            raise InvalidInput(
                N_("This value is not allowed for %(key)s"),
                code="parameter_invalid",
                key=self.key,
                low=self.low,
                high=self.high,
                choices=list(self.choices),
            )
        return value

    def _fits(self, value: Any) -> bool:
        match self.type:
            case "integer":
                return type(value) is int and self._within(value)
            case "boolean":
                return isinstance(value, bool)
            case "text":
                return isinstance(value, str) and len(value) <= (self.high or 200)
            case "choice":
                return value in self.choices
            case "choices":
                return isinstance(value, list) and bool(value) and set(value) <= set(self.choices)
            case "weights":
                return (
                    isinstance(value, dict)
                    and set(value) == set(self.default)
                    and all(
                        type(weight) is int and self._within(weight) for weight in value.values()
                    )
                )

    def _within(self, value: int) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def _count(
    key: str, default: int, unit: str, low: int, high: int, help: str, **more: Any
) -> Parameter:
    return Parameter(key, "integer", default, help, unit, low, high, **more)


DECLARED: tuple[Parameter, ...] = (
    _count("booking.window_minutes", 60, "min", 0, 480, N_("The worker arrives within this window; 0 promises the exact time")),
    _count("booking.horizon_days", 30, "d", 1, 365, N_("How far ahead customers can book")),
    _count("booking.lead_minutes", 120, "min", 0, 10080, N_("How long before the visit a booking must be made")),
    _count("booking.step_minutes", 30, "min", 5, 240, N_("Distance between two offered start times")),
    _count("booking.opens_minute", 480, "min", 0, 1440, N_("First start of a visit, in minutes after midnight")),
    _count("booking.closes_minute", 1200, "min", 0, 1440, N_("Latest end of a visit, in minutes after midnight")),
    _count("booking.hold_minutes", 15, "min", 1, 120, N_("How long a time is kept while the customer orders")),
    _count("booking.quote_minutes", 30, "min", 1, 1440, N_("How long a quoted price stands")),
    _count("travel.speed_kmh", 18, "km/h", 1, 120, N_("Average speed between two visits")),
    _count("travel.factor_percent", 140, "%", 100, 300, N_("Road distance in percent of the straight line")),
    _count("travel.min_minutes", 8, "min", 0, 60, N_("Least time between two visits at different addresses")),
    Parameter("payment.methods", "choices", ["wechat"], N_("Payment methods offered to customers"), choices=("wechat", "alipay", "bank", "cash"), group="money"),
    _count("payment.pay_within_minutes", 15, "min", 1, 1440, N_("How long an unpaid order is kept"), group="money"),
    Parameter("payment.late_payment", "choice", "revive", N_("What happens to a payment after the order was closed"), choices=("revive", "refund"), group="money"),
    Parameter("dispatch.mode", "choice", "cascade", N_("How offers are sent: to the best one, one after the other, or to several at once"), choices=("direct", "cascade", "broadcast")),
    _count("dispatch.offer_minutes", 10, "min", 1, 240, N_("How long a worker may think about an offer")),
    _count("dispatch.batch", 3, "", 1, 20, N_("Offers sent at once in a broadcast")),
    _count("dispatch.rounds", 4, "", 1, 20, N_("Rounds of offers before a person decides")),
    _count("dispatch.radius_km", 12, "km", 1, 200, N_("Farthest home of a worker from the address")),
    Parameter("dispatch.weights", "weights", {"travel": 30, "skill_fit": 15, "rating": 25, "load": 15, "continuity": 15}, N_("Weights of the score; more is more important"), low=0, high=100),
    _count("visit.geofence_m", 300, "m", 20, 5000, N_("Farthest check-in from the address")),
    _count("visit.early_minutes", 30, "min", 0, 240, N_("How early a worker may check in")),
    _count("visit.photos_before", 0, "", 0, 20, N_("Photos before the work that a check-out needs")),
    _count("visit.photos_after", 1, "", 0, 20, N_("Photos after the work that a check-out needs")),
    _count("visit.files_most", 60, "", 1, 500, N_("Most photos and videos of a visit")),
    _count("visit.confirm_hours", 48, "h", 1, 720, N_("An order is confirmed by itself after this time")),
    _count("settlement.hold_days", 7, "d", 0, 90, N_("Days between completion and settlement"), group="money"),
    _count("withdrawal.minimum_fen", 10000, "fen", 1, 1000000, N_("Least amount of a withdrawal"), group="money"),
    _count("withdrawal.per_day", 1, "", 1, 20, N_("Withdrawals of one worker a day"), group="money"),
    _count("review.within_days", 15, "d", 1, 365, N_("How long after completion a customer may review")),
    _count("approval.expire_hours", 72, "h", 1, 720, N_("How long somebody may take to approve"), group="system"),
    _count("security.code_seconds", 300, "s", 60, 900, N_("How long a log-in code is valid"), group="system"),
    _count("security.code_tries", 5, "", 1, 10, N_("Wrong tries that kill a log-in code"), group="system"),
    _count("security.code_gap_seconds", 60, "s", 0, 600, N_("Time between two codes to one phone"), group="system"),
    _count("security.codes_per_phone", 10, "/d", 1, 100, N_("Log-in codes a day to one phone"), group="system"),
    _count("security.codes_per_address", 20, "/h", 1, 10000, N_("Log-in codes an hour for one network address"), group="system"),
    _count("security.codes_per_device", 20, "/h", 1, 10000, N_("Log-in codes an hour for one device"), group="system"),
    _count("security.codes_per_day", 5000, "/d", 1, 1000000, N_("Daily budget of text messages"), group="system"),
    Parameter("company.name", "text", "到家服务有限公司", N_("Name on statements and receipts"), high=100, group="system"),
    Parameter("company.tax_number", "text", "", N_("Tax number on statements and receipts"), high=32, group="system"),
)  # fmt: skip

BY_KEY: Mapping[str, Parameter] = {parameter.key: parameter for parameter in DECLARED}
