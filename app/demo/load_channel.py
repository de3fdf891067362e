"""A payment channel for the demo's past: it says what the story needs, without a network."""

from collections.abc import Mapping

from flask import current_app

from app.domain.errors import OutsideError
from app.domain.scenes import Scene
from app.gateways.payment import (
    InvalidNotice,
    Notice,
    PaymentOrder,
    PaymentRequest,
    PaymentState,
    RefundRequest,
    RefundState,
    RefundStateName,
    TransferRequest,
    TransferState,
    TransferStateName,
)
from app.services.clock import FrozenClock

# How customers paid, and how many of a hundred.
SHARES = {"wechat": 66, "alipay": 24, "bank": 4, "cash": 6}
CHANNELS = tuple(SHARES)
REMOTE = ("wechat", "alipay")  # somebody outside carries the money


class PastChannel:
    """Answers every call at the stage's hour; payees have to be made to confirm by the story.

    `troubles` are what the next calls meet with instead of an answer, `words` what the next
    transfers are answered with, `refund_words` the next refunds.
    """

    scenes: frozenset[Scene] = frozenset({"qr"})

    def __init__(self, clock: FrozenClock) -> None:
        self._clock = clock
        self.troubles: list[OutsideError] = []
        self.words: list[TransferStateName] = []
        self.refund_words: list[RefundStateName] = []

    def create(self, request: PaymentRequest) -> PaymentOrder:
        self._meet_trouble()
        return PaymentOrder(code_url=f"weixin://wxpay/bizpayurl?pr={request.out_trade_no[-10:]}")

    def query(self, out_trade_no: str) -> PaymentState:
        return PaymentState(out_trade_no, "not_paid")

    def close(self, out_trade_no: str) -> None:
        """Nobody pays it any more."""

    def refund(self, request: RefundRequest) -> RefundState:
        self._meet_trouble()
        if self.refund_words:
            return RefundState(request.out_refund_no, self.refund_words.pop())
        return refunded(request.out_refund_no, self._clock)

    def query_refund(self, out_refund_no: str, out_trade_no: str) -> RefundState:
        return RefundState(out_refund_no, "not_found")

    def transfer(self, request: TransferRequest) -> TransferState:
        self._meet_trouble()
        number = request.out_bill_no
        word = self.words.pop() if self.words else "waiting_for_payee"
        return TransferState(number, word, request.amount_fen, f"13{number}", request.openid)

    def query_transfer(self, out_bill_no: str) -> TransferState:
        return TransferState(out_bill_no, "not_found")

    def parse_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        raise InvalidNotice("The past sends no notices", reason="bad_body")

    def _meet_trouble(self) -> None:
        if self.troubles:
            raise self.troubles.pop()


def expect_trouble(trouble: OutsideError) -> None:
    """Let the next call to the channel of the past go wrong."""
    _channel().troubles.append(trouble)


def expect_word(word: TransferStateName) -> None:
    """Let the next transfer be answered with it."""
    _channel().words.append(word)


def expect_refund_word(word: RefundStateName) -> None:
    """Let the next refund be answered with it."""
    _channel().refund_words.append(word)


def _channel() -> PastChannel:
    channel = current_app.extensions["gateways"].payment["wechat"]
    assert isinstance(channel, PastChannel)  # noqa: S101  # the stage has put it there
    return channel


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
