"""What payment channels tell us. WeChat Pay reads the status, Alipay one word."""

import logging

from flask import Response, jsonify, request
from marshmallow import Schema, fields

from app.api.base import Caller, PublicApi, operation
from app.api.errors import status_of
from app.domain.errors import DomainError
from app.services.money import payments

logger = logging.getLogger(__name__)


class NoticeResponse(Schema):
    """The channel's own form: SUCCESS, or FAIL, after which it sends the notice again."""

    code = fields.String(required=True)
    message = fields.String(required=True)


class NoticeApi(PublicApi):
    @operation(
        "public", "POST", "/pay/wechat/notice",
        summary="For WeChat Pay: payments, refunds and transfers, signed by the channel",
        raw=True, response=NoticeResponse, errors=(422,),
    )  # fmt: skip
    def wechat(self, caller: Caller, body: bytes) -> Response:
        try:
            payments.receive_notice("wechat", dict(request.headers), body)
        except DomainError as exc:
            logger.warning("A notice of wechat was refused: %s", exc.code)
            return _answer(status_of(exc), "FAIL", exc.code)
        return _answer(200, "SUCCESS", "")

    @operation(
        "public", "POST", "/pay/alipay/notice",
        summary="For Alipay: payments and refunds, signed by the channel; answers one word",
        raw=True, produces="text/plain",
    )  # fmt: skip
    def alipay(self, caller: Caller, body: bytes) -> Response:
        try:
            payments.receive_notice("alipay", dict(request.headers), body)
        except DomainError as exc:
            logger.warning("A notice of alipay was refused: %s", exc.code)
            return Response("failure", mimetype="text/plain")
        return Response("success", mimetype="text/plain")


def _answer(status: int, code: str, message: str) -> Response:
    response = jsonify(code=code, message=message)
    response.status_code = status
    return response
