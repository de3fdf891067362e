"""A payment channel for the demo's past: it says what the story needs, without a network."""

from collections.abc import Mapping

from app.domain.scenes import Scene
from app.gateways.payment import (
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
from app.services.clock import FrozenClock


class PastChannel:
    """Answers every call at the stage's hour; payees have to be made to confirm by the story."""

    scenes: frozenset[Scene] = frozenset({"qr"})

    def __init__(self, clock: FrozenClock) -> None:
        self._clock = clock

    def create(self, request: PaymentRequest) -> PaymentOrder:
        return PaymentOrder(code_url=f"weixin://wxpay/bizpayurl?pr={request.out_trade_no[-10:]}")

    def query(self, out_trade_no: str) -> PaymentState:
        return PaymentState(out_trade_no, "not_paid")

    def close(self, out_trade_no: str) -> None:
        """Nobody pays it any more."""

    def refund(self, request: RefundRequest) -> RefundState:
        return refunded(request.out_refund_no, self._clock)

    def query_refund(self, out_refund_no: str, out_trade_no: str) -> RefundState:
        return RefundState(out_refund_no, "not_found")

    def transfer(self, request: TransferRequest) -> TransferState:
        number = request.out_bill_no
        return TransferState(
            number, "waiting_for_payee", request.amount_fen, f"13{number}", request.openid
        )

    def query_transfer(self, out_bill_no: str) -> TransferState:
        return TransferState(out_bill_no, "not_found")

    def parse_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        raise InvalidNotice("The past sends no notices", reason="bad_body")


def paid(out_trade_no: str, amount_fen: int, clock: FrozenClock) -> PaymentState:
    """What the channel says of a payment that arrived."""
    return PaymentState(out_trade_no, "succeeded", amount_fen, f"42{out_trade_no}", clock.now())


def refunded(out_refund_no: str, clock: FrozenClock) -> RefundState:
    return RefundState(
        out_refund_no, "succeeded", refund_id=f"50{out_refund_no}", refunded_at=clock.now()
    )


def transferred(
    out_bill_no: str, amount_fen: int, clock: FrozenClock, failure: str = ""
) -> TransferState:
    """What the channel says of a withdrawal that the worker confirmed, or let go."""
    return TransferState(
        out_bill_no,
        "failed" if failure else "succeeded",
        amount_fen,
        f"13{out_bill_no}",
        fail_reason=failure or None,
        updated_at=clock.now(),
    )
