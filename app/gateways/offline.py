"""Bank transfers and cash behind the PaymentGateway protocol: nobody outside can be asked.

What becomes of such a payment is said by the company's own people
(app/services/money/offline/); this provider only keeps the rules of the others: opening costs
nothing, nobody knows a number, and what goes back is carried by a person.
"""

from collections.abc import Mapping
from typing import Literal, NoReturn

from flask_babel import lazy_gettext as _l

from app.domain.scenes import Scene
from app.gateways.payment import (
    GatewayRefused,
    InvalidNotice,
    Notice,
    PaymentOrder,
    PaymentRequest,
    PaymentState,
    RefundRequest,
    RefundState,
    TransferRequest,
    TransferState,
)

BY_HAND = "BY_HAND"


class Offline:
    """A PaymentGateway without a network."""

    scenes: frozenset[Scene] = frozenset({"offline"})

    def __init__(self, method: Literal["bank", "cash"]) -> None:
        self._method = method

    def create(self, request: PaymentRequest) -> PaymentOrder:
        """The number is what the customer writes on the transfer."""
        return PaymentOrder(client_params={"reference": request.out_trade_no})

    def query(self, out_trade_no: str) -> PaymentState:
        return PaymentState(out_trade_no, "not_found")

    def close(self, out_trade_no: str) -> None:
        """Nothing is open anywhere; money that comes all the same is entered by staff."""

    def refund(self, request: RefundRequest) -> RefundState:
        raise _by_hand()

    def query_refund(self, out_refund_no: str, out_trade_no: str) -> RefundState:
        return RefundState(out_refund_no, "not_found")

    def transfer(self, request: TransferRequest) -> TransferState:
        raise _by_hand()

    def query_transfer(self, out_bill_no: str) -> TransferState:
        return TransferState(out_bill_no, "not_found")

    def parse_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        return _no_notice()


def _by_hand() -> GatewayRefused:
    message = _l("Only a person can send this money")
    return GatewayRefused(message, gateway_code=BY_HAND, temporary=False)


def _no_notice() -> NoReturn:
    raise InvalidNotice(_l("This payment notice cannot be trusted."), reason="bad_body")
