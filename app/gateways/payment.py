"""What the application may ask of a payment provider, whoever it is.

Amounts are integer fen, instants are aware UTC. Every call may raise:

* `OutcomeUnknown`: nobody knows whether it happened. Ask with query(), never assume.
* `GatewayRefused`: the provider said no, and its answer was signed.
* `InvalidNotice` (only parse_notice): do not believe the message and do not acknowledge it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from app.domain.errors import InvalidInput, OutsideError
from app.domain.scenes import Scene

OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_-]{6,32}")
OUT_REFUND_NO = re.compile(r"[0-9A-Za-z_-]{1,64}")
OUT_BILL_NO = re.compile(r"[0-9A-Za-z]{1,32}")
NAME_REQUIRED_FROM_FEN = 200_000  # the provider wants the payee's real name from 2,000 yuan

# not_found: the provider has never heard of that number, so a create may be tried again with it.
# unknown: the provider used a word we do not know; wait for the next query.
PaymentStateName = Literal["not_paid", "succeeded", "closed", "failed", "not_found", "unknown"]
RefundStateName = Literal["processing", "succeeded", "closed", "abnormal", "not_found", "unknown"]
TransferStateName = Literal[
    "accepted",
    "waiting_for_payee",
    "transferring",
    "succeeded",
    "failed",
    "cancelling",
    "cancelled",
    "not_found",
    "unknown",
]
NoticeKind = Literal["payment", "refund", "transfer"]


class OutcomeUnknown(OutsideError):
    """No believable answer came: it may or may not have happened. Query before anything else."""

    code = "outcome_unknown"


class GatewayRefused(OutsideError):
    """The provider refused. details: gateway_code, status, temporary (worth another try)."""

    code = "gateway_refused"


class InvalidNotice(InvalidInput):
    """A notice that must not be believed. details: reason, one of
    missing_header, unknown_key, stale, bad_signature, bad_body, cannot_decrypt, wrong_merchant,
    wrong_app.
    """

    code = "invalid_notice"


@dataclass(frozen=True)
class PaymentRequest:
    """One attempt to be paid. `client` needs payer_openid, `h5` the address of the payer.

    return_url is where a browser goes afterwards; coming back proves nothing.
    """

    out_trade_no: str
    amount_fen: int
    description: str
    notify_url: str
    expires_at: datetime
    payer_openid: str | None = None
    scene: Scene = "qr"
    payer_ip: str | None = None
    return_url: str | None = None

    def __post_init__(self) -> None:
        _check_number("out_trade_no", self.out_trade_no, OUT_TRADE_NO)
        _check_amount(self.amount_fen)
        if (self.scene == "client") != (self.payer_openid is not None):
            raise ValueError("payer_openid belongs to the scene client")


@dataclass(frozen=True)
class PaymentOrder:
    """What the customer's client needs: a code to draw (qr), an address to open (h5, page), or
    what the channel's own client is called with (client, app).
    """

    prepay_id: str | None = None
    code_url: str | None = None
    client_params: dict[str, str] = field(default_factory=dict)
    pay_url: str | None = None


@dataclass(frozen=True)
class PaymentState:
    """succeeded stays succeeded after refunds: those have states of their own."""

    out_trade_no: str
    state: PaymentStateName
    amount_fen: int | None = None
    transaction_id: str | None = None
    paid_at: datetime | None = None
    app_id: str | None = None
    merchant_id: str | None = None


@dataclass(frozen=True)
class RefundRequest:
    """Give back refund_fen of a payment of total_fen. One out_refund_no per decision to refund."""

    out_trade_no: str
    out_refund_no: str
    refund_fen: int
    total_fen: int
    reason: str = ""
    notify_url: str | None = None

    def __post_init__(self) -> None:
        _check_number("out_trade_no", self.out_trade_no, OUT_TRADE_NO)
        _check_number("out_refund_no", self.out_refund_no, OUT_REFUND_NO)
        _check_amount(self.refund_fen)
        if self.refund_fen > self.total_fen:
            raise ValueError("refund_fen is more than total_fen")


@dataclass(frozen=True)
class RefundState:
    """abnormal: the payer's card or wallet could not take it; a person must act."""

    out_refund_no: str
    state: RefundStateName
    out_trade_no: str | None = None
    refund_fen: int | None = None
    total_fen: int | None = None
    refund_id: str | None = None
    refunded_at: datetime | None = None


@dataclass(frozen=True)
class TransferRequest:
    """Send money to a person's wallet. user_name is required from 2,000 yuan."""

    out_bill_no: str
    amount_fen: int
    openid: str
    user_name: str | None
    remark: str
    notify_url: str | None = None

    def __post_init__(self) -> None:
        _check_number("out_bill_no", self.out_bill_no, OUT_BILL_NO)
        _check_amount(self.amount_fen)
        if self.amount_fen >= NAME_REQUIRED_FROM_FEN and not self.user_name:
            raise ValueError("user_name is required from 2,000 yuan")


@dataclass(frozen=True)
class TransferState:
    """client_params (mchId, appId, package) open the payee's confirmation in the client;
    they are only given by transfer(), never by a query or a notice.
    """

    out_bill_no: str
    state: TransferStateName
    amount_fen: int | None = None
    transfer_id: str | None = None
    openid: str | None = None
    fail_reason: str | None = None
    updated_at: datetime | None = None
    package_info: str | None = None
    client_params: dict[str, str] = field(default_factory=dict)
    app_id: str | None = None
    merchant_id: str | None = None


@dataclass(frozen=True)
class Notice:
    """A verified message of the provider. The same notice_id may come many times and out of order:
    store it with the change it caused. raw is the decrypted message.
    """

    kind: NoticeKind
    notice_id: str
    state: PaymentState | RefundState | TransferState
    raw: dict[str, Any]


class PaymentGateway(Protocol):
    """A provider that takes money, gives it back, and pays workers."""

    scenes: frozenset[Scene]

    def create(self, request: PaymentRequest) -> PaymentOrder:
        """Open a payment. The same request again gives a usable order again."""

    def query(self, out_trade_no: str) -> PaymentState: ...

    def close(self, out_trade_no: str) -> None:
        """Nobody can pay it afterwards. Refused (ORDERPAID) when somebody already has."""

    def refund(self, request: RefundRequest) -> RefundState:
        """Start a refund. Asynchronous; the same out_refund_no again changes nothing."""

    def query_refund(self, out_refund_no: str, out_trade_no: str) -> RefundState:
        """not_found: it never arrived, and may be sent again with its number."""

    def transfer(self, request: TransferRequest) -> TransferState:
        """Start a transfer. The same out_bill_no again changes nothing."""

    def query_transfer(self, out_bill_no: str) -> TransferState: ...

    def parse_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify, decrypt and read. Header names are case-insensitive. Answer 200 or 204 when
        it is stored, any 4xx or 5xx to have it sent again.
        """


def _check_number(name: str, value: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(value):
        raise ValueError(f"{name} {value!r} does not match {pattern.pattern}")


def _check_amount(amount_fen: int) -> None:
    if amount_fen <= 0:
        raise ValueError("an amount is a positive number of fen")
