"""Paying an order: the channel's parameters for the client, and what became of it."""

from typing import Any

import sqlalchemy as sa
from flask import request
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from app.api.base import Caller, CustomerApi, operation
from app.api.customer.orders import order_id_of
from app.api.fields import Choice, Instant, Text, Upload, Word
from app.api.schemas import Request
from app.api.words import PAYMENT_STATUS
from app.domain.errors import NotFound, PayloadTooLarge
from app.domain.scenes import SCENES
from app.domain.states import PaymentStatus
from app.extensions import db
from app.models import PaymentAttempt, PaymentVoucher
from app.models.payments import CHANNELS
from app.services.money import offline, payments

UNDER_WAY = (PaymentStatus.CREATED, PaymentStatus.PENDING, PaymentStatus.UNKNOWN)


class PaymentRequest(Request):
    """`scene`: qr (a code to scan), client (inside WeChat, needs `openid`), h5 (a phone's browser),
    page (Alipay on a desk), app (Alipay's app), offline (bank and cash). Without it the usual one.
    """

    method = Choice(CHANNELS, required=True)
    openid = Text(64, pattern="[A-Za-z0-9_-]{1,64}", load_default=None)
    scene = Choice(SCENES, load_default=None)


class ClientParamsResponse(Schema):
    """`code_url`: a code to draw. `pay_url`: where the browser goes. `client_params`: what the
    channel's own client is called with; for a bank transfer, what to write on it.
    """

    scene = fields.String()
    code_url = fields.String(required=True, allow_none=True)
    prepay_id = fields.String(required=True, allow_none=True)
    pay_url = fields.String(allow_none=True)
    client_params = fields.Dict(required=True)


class PaymentResponse(Schema):
    """`page_url`: a page for any browser that pays this order, without log-in."""

    number = fields.String(required=True, attribute="out_trade_no")
    method = fields.String(required=True)
    status = fields.String(required=True)
    status_text = Word(PAYMENT_STATUS, required=True, attribute="status")
    amount_fen = fields.Integer(required=True)
    expires_at = Instant(required=True)
    paid_at = Instant(required=True, allow_none=True)
    client_params = fields.Nested(ClientParamsResponse, required=True, allow_none=True)
    page_url = fields.Function(
        lambda attempt: payments.page_url(attempt.order.number),
        required=True, metadata={"type": "string"},
    )  # fmt: skip


class VoucherForm(Request):
    """A picture: JPEG, PNG or WebP; what it is, is told by its content."""

    file = Upload(required=True)


class VoucherResponse(Schema):
    key = fields.String(required=True)
    mime = fields.String(required=True)
    size_bytes = fields.Integer(required=True)
    created_at = Instant(required=True)


class PaymentApi(CustomerApi):
    @operation(
        "customer", "POST", "/orders/<number:number>/payments",
        summary="Start to pay what is owed; a payment that is still open is used again",
        request=PaymentRequest, response=PaymentResponse, status=201,
        errors=(404, 409, 422, 502), idempotent=True,
    )  # fmt: skip
    def start_payment(self, caller: Caller, number: str, body: dict[str, Any]) -> PaymentAttempt:
        return payments.start_payment(
            order_id_of(caller, number),
            body["method"],
            way=payments.Way(body["scene"], body["openid"], request.remote_addr),
            actor=caller.actor,
        )

    @operation(
        "customer", "GET", "/orders/<number:number>/payments",
        summary="The newest payment; while it is open, the channel is asked",
        response=PaymentResponse, errors=(404, 409, 422),
    )  # fmt: skip
    def get_payment(self, caller: Caller, number: str) -> PaymentAttempt:
        attempt = _newest(order_id_of(caller, number))
        return payments.look(attempt.id)

    @operation(
        "customer", "POST", "/orders/<number:number>/payments/vouchers",
        summary="Send a picture of the bank transfer; the same one again is found again",
        form=VoucherForm, response=VoucherResponse, status=201, errors=(404, 409, 422),
    )  # fmt: skip
    def add_voucher(self, caller: Caller, number: str, body: dict[str, Any]) -> PaymentVoucher:
        attempt_id = _open_transfer(order_id_of(caller, number))
        content = body["file"].stream.read(offline.VOUCHER_BYTES + 1)
        if len(content) > offline.VOUCHER_BYTES:
            raise PayloadTooLarge(_l("The file is too large."), limit_bytes=offline.VOUCHER_BYTES)
        return offline.add_voucher(attempt_id, content, actor=caller.actor)


def _newest(order_id: int) -> PaymentAttempt:
    attempts = sa.select(PaymentAttempt).filter_by(order_id=order_id)
    attempt = db.session.scalar(attempts.order_by(PaymentAttempt.id.desc()).limit(1))
    if attempt is None:
        raise NotFound(_l("This order has no payment"), code="no_payment")
    return attempt


def _open_transfer(order_id: int) -> int:
    """The order's newest bank transfer that has not ended. Raises NotFound."""
    mine = sa.select(PaymentAttempt.id).where(
        PaymentAttempt.order_id == order_id,
        PaymentAttempt.method == "bank",
        PaymentAttempt.status.in_(UNDER_WAY),
    )
    found = db.session.scalar(mine.order_by(PaymentAttempt.id.desc()).limit(1))
    if found is None:
        raise NotFound(_l("This order has no payment"), code="no_payment")
    return found
