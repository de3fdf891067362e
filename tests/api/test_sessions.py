"""Codes, tokens, and how sessions end."""

from datetime import timedelta

import pytest

from app.models import WorkerAccount
from app.services.identity import tokens
from app.services.transactions import transaction
from tests import factories
from tests.api.support import assert_error, counts
from tests.kit import clients

PHONE = "13800000001"
C, W = "/api/customer/v1", "/api/worker/v1"


@pytest.fixture
def code_of(app, client, sms, queue):
    """code_of(realm, phone) asks for a code and reads the text message."""

    def code_of(realm="customer", phone=PHONE):
        answer = client.post(f"/api/{realm}/v1/auth/code", json={"phone": phone})
        assert (answer.status_code, answer.json) == (202, {"expires_in_seconds": 300})
        queue.run_all()
        return sms.last_code()

    return code_of


def log_in(client, code, phone=PHONE, base=C):
    return client.post(f"{base}/auth/login", json={"phone": phone, "code": code})


def other(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_first_log_in_makes_the_account_and_the_next_one_finds_it(client, code_of, clock):
    first = log_in(client, code_of()).json
    clock.travel(timedelta(minutes=2))
    second = log_in(client, code_of()).json
    assert first["token_type"] == "Bearer"
    assert first["expires_in_seconds"] == 1800
    one, two = (clients.with_token(t["access_token"]).get(f"{C}/me").json for t in (first, second))
    assert one == two == {
        "name": "", "phone": PHONE, "locale": "zh", "created_at": "2030-05-06T09:00:00+08:00",
    }  # fmt: skip


def test_known_and_unknown_phones_get_the_same_answer(app, scene, client, code_of):
    factories.customer(phone="13800000002")
    known = scene.worker.account.phone
    app.config["DEMO"] = True
    try:
        answers = [
            client.post(f"{base}/auth/code", json={"phone": phone})
            for base, phone in [
                (C, "13800000002"), (C, "13800000003"), (W, known), (W, "13800000004"),
            ]
        ]  # fmt: skip
    finally:
        app.config["DEMO"] = False
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}


def test_five_wrong_tries_kill_the_code(client, code_of):
    code = code_of()
    for _try in range(5):
        assert_error(log_in(client, other(code)), 401, "code_wrong")
    assert_error(log_in(client, code), 401, "code_wrong")


def test_the_fifth_try_may_still_be_right_and_a_code_works_once(client, code_of):
    code = code_of()
    for _try in range(4):
        assert_error(log_in(client, other(code)), 401, "code_wrong")
    assert log_in(client, code).status_code == 200
    assert_error(log_in(client, code), 401, "code_wrong")


def test_a_code_ends_after_five_minutes_and_with_the_next_one(client, code_of, clock):
    first = code_of()
    clock.travel(timedelta(seconds=61))
    second = code_of()
    if first != second:
        assert_error(log_in(client, first), 401, "code_wrong")
    clock.travel(timedelta(seconds=300))
    assert_error(log_in(client, second), 401, "code_wrong")


def test_a_code_of_one_realm_is_none_of_the_other(client, code_of):
    code = code_of("worker")
    assert_error(log_in(client, code), 401, "code_wrong")


def test_a_phone_without_a_worker_is_told_the_same_as_a_wrong_code(client, code_of):
    code = code_of("worker")
    before = counts()
    right, wrong = log_in(client, code, base=W), log_in(client, other(code), base=W)
    assert_error(right, 401, "code_wrong")
    assert right.json == wrong.json
    assert counts() == before


def test_codes_come_a_minute_apart_and_ten_a_day(client, code_of, clock):
    for number in range(10):
        code_of()
        if number < 9:
            clock.travel(timedelta(seconds=59))
            early = client.post(f"{C}/auth/code", json={"phone": PHONE})
            assert_error(early, 429, "code_too_soon")
            assert early.headers["Retry-After"] == "60"
            clock.travel(timedelta(hours=1))
    clock.travel(timedelta(hours=1))
    answer = client.post(f"{C}/auth/code", json={"phone": PHONE})
    assert_error(answer, 429, "phone_limit")
    assert answer.headers["Retry-After"] == "86400"


@pytest.mark.parametrize(("header", "code"), [({}, "address_limit"), ({"X-Device-Id": "d"}, "")])
def test_twenty_codes_an_hour_for_an_address_or_a_device(app, client, header, code):
    for number in range(20):
        phone = f"139{number:08d}"
        assert (
            client.post(f"{C}/auth/code", json={"phone": phone}, headers=header).status_code == 202
        )
    answer = client.post(f"{C}/auth/code", json={"phone": PHONE}, headers=header)
    assert_error(answer, 429, code or None)
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.9.8.7"}, "headers": header}
    again = client.post(f"{C}/auth/code", json={"phone": PHONE}, **elsewhere)
    assert again.status_code == (429 if header else 202)


def test_numbers_that_are_no_phone_and_those_of_the_demo_are_refused(app, client):
    for phone in ("12812345678", "23800000001", "138000000011", "--------"):
        answer = client.post(f"{C}/auth/code", json={"phone": phone})
        assert_error(answer, 400, "phone_invalid")


def test_a_refresh_token_is_used_once_and_a_second_use_ends_the_session(client, code_of):
    first = log_in(client, code_of()).json

    def refresh(token):
        return client.post(f"{C}/auth/refresh", json={"refresh_token": token})

    second = refresh(first["refresh_token"])
    assert second.status_code == 200
    assert clients.with_token(second.json["access_token"]).get(f"{C}/me").status_code == 200
    assert_error(refresh(first["refresh_token"]), 401, "token_invalid")
    assert_error(refresh(second.json["refresh_token"]), 401, "token_invalid")


def test_a_refresh_token_of_the_other_realm_is_none(client, code_of):
    token = log_in(client, code_of()).json["refresh_token"]
    answer = client.post(f"{W}/auth/refresh", json={"refresh_token": token})
    assert_error(answer, 401, "token_invalid")
    assert client.post(f"{C}/auth/refresh", json={"refresh_token": token}).status_code == 200


def test_logging_out_ends_access_and_refresh(client, code_of):
    pair = log_in(client, code_of()).json
    me = clients.with_token(pair["access_token"])
    assert me.post(f"{C}/auth/logout").status_code == 204
    assert_error(me.get(f"{C}/me"), 401, "token_invalid")
    body = {"refresh_token": pair["refresh_token"]}
    assert_error(client.post(f"{C}/auth/refresh", json=body), 401, "token_invalid")


def test_a_blocked_account_is_out_at_once_and_cannot_come_back(client, code_of, scene, callers):
    with transaction() as session:
        account = session.merge(scene.company.customer)
        account.status = "blocked"
        phone = account.phone
    assert_error(callers["customer"].get(f"{C}/me"), 401, "account_blocked")
    assert phone.startswith("128")


def test_a_login_that_belongs_to_no_worker_opens_nothing(app):
    account = factories.save(WorkerAccount(phone="12800000009", phone_index="nobody"))
    with transaction():
        token = tokens.issue("worker", account.id, account.token_version).access
    assert_error(clients.with_token(token).get(f"{W}/me"), 401, "token_invalid")
