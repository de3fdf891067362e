"""Tencent Cloud's SendSms, verified as Tencent verifies it, kept to be read by the demo."""

import json
import re
import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.gateways.local.context import gateway
from app.gateways.local.merchant_api import misbehave
from app.gateways.local.signing import Tc3
from app.gateways.local.store import Row
from app.gateways.local.templates import TEMPLATES, Template

sms_api = Blueprint("tencent_sms", __name__)

_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_MOST_PHONES = 200
_KEPT = 50


class SmsError(Exception):
    """A refusal of the whole call, with Tencent's code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@sms_api.post("/")
def call() -> Response:
    if gateway().faults.take("5xx", "sms"):
        return Response("Internal Server Error", status=500)
    try:
        _check_caller()
        answer: dict[str, Any] = {"SendStatusSet": _send(_body())}
    except SmsError as error:
        answer = {"Error": {"Code": error.code, "Message": error.message}}
    response = jsonify({"Response": {**answer, "RequestId": str(uuid.uuid4())}})
    return misbehave(response, "sms")


def messages_to(phone: str | None) -> list[Row]:
    """The last messages, newest first: of one phone, or of all."""
    if phone is None:
        return gateway().store.all("SELECT * FROM sms ORDER BY id DESC LIMIT ?", _KEPT)
    number = phone if phone.startswith("+") else f"+86{phone}"
    sql = "SELECT * FROM sms WHERE phone = ? ORDER BY id DESC LIMIT ?"
    return gateway().store.all(sql, number, _KEPT)


def _check_caller() -> None:
    keys = gateway().keys
    claim = Tc3.parse(request.headers.get("Authorization", ""))
    if claim is None or claim.service != "sms":
        raise SmsError("AuthFailure.InvalidAuthorization", "Authorization header is invalid")
    if claim.secret_id != keys.sms_secret_id:
        raise SmsError("AuthFailure.SecretIdNotFound", "The SecretId is not found")
    if not gateway().is_fresh(request.headers.get("X-TC-Timestamp", "")):
        raise SmsError("AuthFailure.SignatureExpire", "The timestamp is too old or too new")
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not claim.signed_with(keys.sms_secret_key, request.method, headers, request.get_data()):
        raise SmsError("AuthFailure.SignatureFailure", "The signature is wrong")


def _body() -> dict[str, Any]:
    action = request.headers.get("X-TC-Action"), request.headers.get("X-TC-Version")
    if action != ("SendSms", "2021-01-11"):
        raise SmsError("InvalidAction", "No such action or version")
    try:
        data = json.loads(request.get_data())
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise SmsError("InvalidParameter", "The body is not a JSON object")
    return data


def _send(data: dict[str, Any]) -> list[dict[str, Any]]:
    phones = data.get("PhoneNumberSet")
    if not isinstance(phones, list) or not 0 < len(phones) <= _MOST_PHONES:
        raise SmsError("MissingParameter.EmptyPhoneNumberSet", "1 to 200 phone numbers")
    if data.get("SmsSdkAppId") != gateway().keys.sms_app_id:
        raise SmsError("UnauthorizedOperation.SmsSdkAppIdVerifyFail", "Unknown SmsSdkAppId")
    problem = _problem(data)
    return [_sent(str(phone), data, problem) for phone in phones]


def _problem(data: dict[str, Any]) -> str | None:
    """What is wrong with the message itself, whoever gets it."""
    template, params = TEMPLATES.get(str(data.get("TemplateId"))), data.get("TemplateParamSet")
    if data.get("SignName") != gateway().keys.sms_sign_name:
        return "FailedOperation.SignatureIncorrectOrUnapproved"
    if template is None:
        return "FailedOperation.TemplateIncorrectOrUnapproved"
    if not isinstance(params, list) or len(params) != template.parameters:
        return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
    return None


def _sent(phone: str, data: dict[str, Any], problem: str | None) -> dict[str, Any]:
    if problem is None and not _PHONE.fullmatch(phone):
        problem = "InvalidParameterValue.IncorrectPhoneNumber"
    message_id = "" if problem else _keep(phone, data)
    return {
        "SerialNo": message_id,
        "PhoneNumber": phone,
        "Fee": 0 if problem else 1,
        "SessionContext": data.get("SessionContext", ""),
        "Code": problem or "Ok",
        "Message": problem or "send success",
        "IsoCode": "CN",
    }


def _keep(phone: str, data: dict[str, Any]) -> str:
    template: Template = TEMPLATES[data["TemplateId"]]
    params = [str(value) for value in data["TemplateParamSet"]]
    message_id = f"2640:{uuid.uuid4().int % 10**20}"
    gateway().store.insert(
        "sms",
        message_id=message_id,
        phone=phone,
        template_id=template.id,
        text=f"【{data['SignName']}】{template.filled(params)}",
        code=params[0] if template.name == "login" else None,
        sent_at=gateway().now(),
    )
    return message_id
