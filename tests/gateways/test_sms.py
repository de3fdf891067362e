"""Text messages: through the SDK to the local gateway, and to the log."""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import requests

from app.gateways.sms import ConsoleSms, SmsRefused, SmsUnavailable, TencentSms, TencentSmsSettings
from tests.gateways.support import NOON, LocalServer, StillClock

PHONE = "16600000001"  # a demo prefix


@pytest.fixture
def settings(local: LocalServer) -> TencentSmsSettings:
    keys = local.gateway.keys
    return TencentSmsSettings(
        secret_id=keys.sms_secret_id,
        secret_key=keys.sms_secret_key,
        app_id=keys.sms_app_id,
        sign_name=keys.sms_sign_name,
        templates={"login": "1000001", "gone": "9999999"},
        endpoint=local.url,
        timeout_seconds=5,
    )


@pytest.fixture
def sms(settings: TencentSmsSettings, clock: StillClock) -> TencentSms:
    return TencentSms(lambda: settings, clock)


def messages(local: LocalServer, phone: str = PHONE) -> list[dict[str, str]]:
    answer = requests.get(f"{local.url}/_local/sms", params={"phone": phone}, timeout=5)
    found: list[dict[str, str]] = answer.json()["messages"]
    return found


def test_a_code_reaches_the_phone(sms: TencentSms, local: LocalServer) -> None:
    message_id = sms.send(PHONE, "login", ["482913"])

    assert messages(local) == [
        {
            "phone": "+8616600000001",
            "text": "【家政演示】您的登录验证码是482913,请勿告诉他人。",
            "code": "482913",
            "message_id": message_id,
            "sent_at": "2026-03-02T12:00:00+08:00",
        }
    ]
    assert messages(local, "+8616600000001") == messages(local)
    assert messages(local, "16600000002") == []


def test_the_newest_message_is_first(sms: TencentSms, local: LocalServer) -> None:
    sms.send(PHONE, "login", ["111111"])
    sms.send(PHONE, "login", ["222222"])

    assert [message["code"] for message in messages(local)] == ["222222", "111111"]


def test_signing_follows_our_clock(sms: TencentSms, local: LocalServer, clock: StillClock) -> None:
    clock.travel(days=400)

    sms.send(PHONE, "login", ["482913"])

    assert messages(local)[0]["sent_at"] == "2027-04-06T12:00:00+08:00"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret_key": "x" * 32}, "AuthFailure.SignatureFailure"),
        ({"secret_id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"app_id": "1400000002"}, "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        ({"sign_name": "别家"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
    ],
)
def test_a_wrong_account_is_refused_for_good(
    settings: TencentSmsSettings,
    local: LocalServer,
    clock: StillClock,
    change: dict[str, Any],
    code: str,
) -> None:
    wrong = dataclasses.replace(settings, **change)

    with pytest.raises(SmsRefused) as refused:
        TencentSms(lambda: wrong, clock).send(PHONE, "login", ["482913"])

    assert refused.value.details == {"gateway_code": code}
    assert messages(local) == []


@pytest.mark.parametrize(
    ("phone", "template", "params", "code"),
    [
        (PHONE, "login", ["1", "5"], "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"),
        (PHONE, "gone", ["1"], "FailedOperation.TemplateIncorrectOrUnapproved"),
        (PHONE, "nonsense", ["1"], "UnknownTemplate.nonsense"),
        ("12", "login", ["1"], "InvalidParameterValue.IncorrectPhoneNumber"),
    ],
)
def test_a_wrong_message_is_refused_for_good(
    sms: TencentSms, local: LocalServer, phone: str, template: str, params: list[str], code: str
) -> None:
    with pytest.raises(SmsRefused) as refused:
        sms.send(phone, template, params)

    assert refused.value.details == {"gateway_code": code}
    assert messages(local) == []


def test_a_clock_six_minutes_off_is_refused(
    settings: TencentSmsSettings, local: LocalServer
) -> None:
    late = StillClock()
    late.travel(minutes=6)

    with pytest.raises(SmsRefused) as refused:
        TencentSms(lambda: settings, late).send(PHONE, "login", ["482913"])

    assert refused.value.details == {"gateway_code": "AuthFailure.SignatureExpire"}


@pytest.mark.parametrize(
    ("fault", "arrives"), [("5xx", False), ("answer_lost", True), ("slow", True)]
)
def test_trouble_on_the_way_is_worth_another_try(
    settings: TencentSmsSettings,
    local: LocalServer,
    clock: StillClock,
    fault: str,
    arrives: bool,
) -> None:
    hasty = dataclasses.replace(settings, timeout_seconds=0.3)
    local.fault(fault, only="sms")

    with pytest.raises(SmsUnavailable):
        TencentSms(lambda: hasty, clock).send(PHONE, "login", ["482913"])

    assert len(messages(local)) == (1 if arrives else 0)


def test_nobody_at_the_other_end_is_worth_another_try(
    settings: TencentSmsSettings, clock: StillClock
) -> None:
    nowhere = dataclasses.replace(settings, endpoint="http://127.0.0.1:9")

    with pytest.raises(SmsUnavailable) as unavailable:
        TencentSms(lambda: nowhere, clock).send(PHONE, "login", ["482913"])

    assert unavailable.value.details == {"gateway_code": "ClientNetworkError"}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("LimitExceeded.PhoneNumberThirtySecondLimit", SmsUnavailable),
        ("InternalError.Timeout", SmsUnavailable),
        ("RequestLimitExceeded", SmsUnavailable),
        ("FailedOperation.InsufficientBalanceInSmsPackage", SmsUnavailable),
        ("FailedOperation.PhoneNumberInBlacklist", SmsRefused),
        ("UnauthorizedOperation.SdkAppIdIsDisabled", SmsRefused),
    ],
)
def test_what_passes_by_itself_is_temporary(
    sms: TencentSms, monkeypatch: pytest.MonkeyPatch, code: str, error: type[Exception]
) -> None:
    monkeypatch.setattr(sms._client, "send_one", lambda *_: (code, ""))

    with pytest.raises(error):
        sms.send(PHONE, "login", ["482913"])


def test_the_console_keeps_the_last_messages(caplog: pytest.LogCaptureFixture) -> None:
    console = ConsoleSms(keep=2)

    ids = [console.send(PHONE, "login", [code]) for code in ("1", "2", "3")]

    assert [(m.message_id, m.phone, m.params) for m in console.sent] == [
        (ids[1], "+8616600000001", ("2",)),
        (ids[2], "+8616600000001", ("3",)),
    ]
    assert len(caplog.records) == 3


def test_nothing_is_loaded_before_the_first_message() -> None:
    def load() -> TencentSmsSettings:
        raise AssertionError("loaded too early")

    clock: Callable[[], datetime] = lambda: NOON  # noqa: E731
    assert TencentSms(load, clock) is not None
