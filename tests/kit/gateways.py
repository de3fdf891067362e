"""The outside world as obedient Python objects: no network, no signatures, every outcome at will.

The real protocol is tested in tests/gateways against the local gateway.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.domain.scenes import Scene
from app.gateways import Gateways
from app.gateways.offline import Offline
from app.gateways.payment import (
    GatewayRefused,
    InvalidNotice,
    Notice,
    NoticeKind,
    PaymentGateway,
    PaymentOrder,
    PaymentRequest,
    PaymentState,
    RefundRequest,
    RefundState,
    TransferRequest,
    TransferState,
)
from app.gateways.sms import SentSms, e164
from app.gateways.storage import LocalStorage

State = PaymentState | RefundState | TransferState


class FakePayment:
    """Remembers what it was asked. `fails_with` is raised by the next call, then forgotten."""

    scenes: frozenset[Scene] = frozenset({"qr", "client", "h5", "page", "app"})

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.requests: list[PaymentRequest | RefundRequest | TransferRequest] = []
        self.payments: dict[str, PaymentState] = {}
        self.refunds: dict[str, RefundState] = {}
        self.transfers: dict[str, TransferState] = {}
        self.fails_with: Exception | None = None
        self._amounts: dict[str, int] = {}
        self._notices: dict[bytes, Notice] = {}

    # What a test makes happen.

    def pay(self, out_trade_no: str, amount_fen: int | None = None) -> PaymentState:
        """The customer pays; by default what was asked."""
        paid = replace(
            self.payments[out_trade_no],
            state="succeeded",
            amount_fen=self._amounts[out_trade_no] if amount_fen is None else amount_fen,
            transaction_id=f"T{out_trade_no}",
            paid_at=self._clock(),
            app_id="app",
            merchant_id="merchant",
        )
        self.payments[out_trade_no] = paid
        return paid

    def finish_transfer(self, out_bill_no: str, *, ok: bool = True) -> TransferState:
        """The worker confirms, or lets it fail."""
        state = "succeeded" if ok else "failed"
        done = replace(self.transfers[out_bill_no], state=state, updated_at=self._clock())
        self.transfers[out_bill_no] = done
        return done

    def finish_refund(self, out_refund_no: str) -> RefundState:
        done = replace(self.refunds[out_refund_no], state="succeeded", refunded_at=self._clock())
        self.refunds[out_refund_no] = done
        return done

    def notice(self, kind: NoticeKind, state: State) -> tuple[dict[str, str], bytes]:
        """Headers and body of a notice that parse_notice will believe."""
        body = secrets.token_hex(8).encode()
        self._notices[body] = Notice(kind, body.decode(), state, {"id": body.decode()})
        return {"Content-Type": "application/json"}, body

    # What the application calls.

    def create(self, request: PaymentRequest) -> PaymentOrder:
        self._asked(request)
        number = request.out_trade_no
        self._amounts[number] = request.amount_fen
        self.payments.setdefault(number, PaymentState(number, "not_paid", request.amount_fen))
        if request.scene in ("h5", "page"):
            return PaymentOrder(pay_url=f"http://127.0.0.1/pay/{number}")
        if request.payer_openid is None:
            return PaymentOrder(code_url=f"weixin://wxpay/{number}")
        return PaymentOrder(f"prepay-{number}", None, {"package": f"prepay_id=prepay-{number}"})

    def query(self, out_trade_no: str) -> PaymentState:
        self._maybe_fail()
        return self.payments.get(out_trade_no) or PaymentState(out_trade_no, "not_found")

    def close(self, out_trade_no: str) -> None:
        self._maybe_fail()
        known = self.payments.get(out_trade_no)
        if known and known.state == "succeeded":
            raise GatewayRefused("Paid already", gateway_code="ORDERPAID", temporary=False)
        if known:
            self.payments[out_trade_no] = replace(known, state="closed")

    def refund(self, request: RefundRequest) -> RefundState:
        self._asked(request)
        number = request.out_refund_no
        fresh = RefundState(
            number, "processing", request.out_trade_no, request.refund_fen, request.total_fen
        )
        return self.refunds.setdefault(number, fresh)

    def query_refund(self, out_refund_no: str, out_trade_no: str) -> RefundState:
        self._maybe_fail()
        return self.refunds.get(out_refund_no) or RefundState(out_refund_no, "not_found")

    def transfer(self, request: TransferRequest) -> TransferState:
        self._asked(request)
        number = request.out_bill_no
        fresh = TransferState(
            number, "waiting_for_payee", request.amount_fen, f"X{number}", request.openid,
            package_info=f"package-{number}", client_params={"package": f"package-{number}"},
        )  # fmt: skip
        return self.transfers.setdefault(number, fresh)

    def query_transfer(self, out_bill_no: str) -> TransferState:
        self._maybe_fail()
        return self.transfers.get(out_bill_no) or TransferState(out_bill_no, "not_found")

    def parse_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        if body not in self._notices:
            raise InvalidNotice("Not from the provider", reason="bad_signature")
        return self._notices[body]

    def _asked(self, request: PaymentRequest | RefundRequest | TransferRequest) -> None:
        self.requests.append(request)
        self._maybe_fail()

    def _maybe_fail(self) -> None:
        failure, self.fails_with = self.fails_with, None
        if failure:
            raise failure


class FakeSms:
    """Keeps what was sent. `fails_with` is raised by the next message, then forgotten."""

    def __init__(self) -> None:
        self.sent: list[SentSms] = []
        self.fails_with: Exception | None = None

    def send(self, phone: str, template: str, params: "list[str] | tuple[str, ...]") -> str:
        failure, self.fails_with = self.fails_with, None
        if failure:
            raise failure
        message = SentSms(secrets.token_hex(8), e164(phone), template, tuple(params))
        self.sent.append(message)
        return message.message_id

    def last_code(self) -> str:
        """The code of the last log-in message."""
        return self.sent[-1].params[0]


def fake_gateways(folder: Path, clock: Callable[[], datetime]) -> Gateways:
    payment: dict[str, PaymentGateway] = {name: FakePayment(clock) for name in ("wechat", "alipay")}
    payment |= {"bank": Offline("bank"), "cash": Offline("cash")}
    return Gateways(payment, FakeSms(), LocalStorage(folder / "files"))
