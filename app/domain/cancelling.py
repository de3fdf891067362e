"""What cancelling an order costs: the fee ladder, with its arithmetic."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.domain.money import share
from app.domain.pricing import content_hash
from app.domain.states import OrderStatus

UNPAID, BEFORE_ACCEPTANCE, IN_TIME = "unpaid", "before_acceptance", "in_time"
LATE, DEPARTED, PLATFORM = "late", "departed", "platform"
BASIS_POINTS_A_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """Amounts in fen: the price, its part that is the fee, what was paid and comes back.

    `kept_fen` is what earlier visits cost, which stays charged; `price_fen` that of the others.
    `owed_fen` is what was not paid yet.
    """

    order: str
    party: str
    step: str
    rate_bp: int
    price_fen: int
    paid_fen: int
    fee_fen: int
    refund_fen: int
    owed_fen: int
    kept_fen: int = 0

    @property
    def charged_fen(self) -> int:
        """What it costs from then on."""
        return self.kept_fen + self.fee_fen

    def told(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def hash(self) -> str:
        """Whoever cancels names it, so that what he was shown is what happens."""
        return content_hash(self.told())


def step_of(status: OrderStatus, now: datetime, free_until: datetime) -> str:
    """The step of the ladder that a customer's cancellation is on."""
    if status is OrderStatus.PENDING_PAYMENT:
        return UNPAID
    if status in (OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED):
        return BEFORE_ACCEPTANCE
    if status is OrderStatus.EN_ROUTE:
        return DEPARTED
    return IN_TIME if now < free_until else LATE


def rate_of(step: str, rules: Mapping[str, int]) -> int:
    """Basis points of the price, by the rules that the order froze (in percent)."""
    percent = {LATE: rules["cancel.late_percent"], DEPARTED: rules["cancel.departed_percent"]}
    return percent.get(step, 0) * BASIS_POINTS_A_PERCENT


def preview(
    order: str,
    party: str,
    step: str,
    rate_bp: int,
    price_fen: int,
    paid_fen: int,
    *,
    kept_fen: int = 0,
) -> Preview:
    fee = share(price_fen, rate_bp)
    left = paid_fen - kept_fen - fee
    return Preview(
        order, party, step, rate_bp, price_fen, paid_fen, fee,
        refund_fen=max(left, 0), owed_fen=max(-left, 0), kept_fen=kept_fen,
    )  # fmt: skip
