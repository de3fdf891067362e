"""Paying an order: the channel's parameters for the client, and what became of it."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from app.api.base import Caller, CustomerApi, operation
from app.api.customer.orders import order_id_of
from app.api.fields import Choice, Instant, Text, Word
from app.api.schemas import Request
from app.api.words import PAYMENT_STATUS
from app.domain.errors import NotFound, OutsideError
from app.domain.states import PaymentStatus
from app.extensions import db
from app.models import PaymentAttempt
from app.models.money import CHANNELS
from app.services.money import payments

UNDER_WAY = (PaymentStatus.CREATED, PaymentStatus.PENDING, PaymentStatus.UNKNOWN)


class PaymentRequest(Request):
    """Without `openid` the answer has a code to scan, with it what WeChat's client needs."""

    method = Choice(CHANNELS, required=True)
    openid = Text(64, pattern="[A-Za-z0-9_-]{1,64}", load_default=None)


class ClientParamsResponse(Schema):
    """`code_url`: a code to scan. `client_params`: what WeChat's own client is called with."""

    code_url = fields.String(required=True, allow_none=True)
    prepay_id = fields.String(required=True, allow_none=True)
    client_params = fields.Dict(required=True)


class PaymentResponse(Schema):
    number = fields.String(required=True, attribute="out_trade_no")
    method = fields.String(required=True)
    status = fields.String(required=True)
    status_text = Word(PAYMENT_STATUS, required=True, attribute="status")
    amount_fen = fields.Integer(required=True)
    expires_at = Instant(required=True)
    paid_at = Instant(required=True, allow_none=True)
    client_params = fields.Nested(ClientParamsResponse, required=True, allow_none=True)


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
            payer_openid=body["openid"],
            actor=caller.actor,
        )

    @operation(
        "customer", "GET", "/orders/<number:number>/payments",
        summary="The newest payment; while it is open, the channel is asked",
        response=PaymentResponse, errors=(404, 409, 422),
    )  # fmt: skip
    def get_payment(self, caller: Caller, number: str) -> PaymentAttempt:
        attempt = _newest(order_id_of(caller, number))
        if attempt.status not in UNDER_WAY:
            return attempt
        try:
            return payments.query_payment(attempt.id)
        except OutsideError:
            return attempt  # the channel does not answer now; the sweep asks again


def _newest(order_id: int) -> PaymentAttempt:
    attempts = sa.select(PaymentAttempt).filter_by(order_id=order_id)
    attempt = db.session.scalar(attempts.order_by(PaymentAttempt.id.desc()).limit(1))
    if attempt is None:
        raise NotFound(_l("This order has no payment"), code="no_payment")
    return attempt
