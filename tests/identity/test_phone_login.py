"""Log-in codes: limited, hashed, used once; tokens of one realm open no other."""

import functools
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.errors import InvalidInput, TooManyRequests, Unauthorized
from app.extensions import db
from app.models import CustomerAccount, OtpChallenge, Outbox
from app.services.identity import login, otp, tokens
from app.services.system import parameters
from app.services.transactions import transaction
from tests import factories
from tests.kit.rivals import at_once

PHONE = "12810009999"


def send(phone=PHONE, realm="customer", address="10.0.0.1", device="phone-1"):
    return otp.send_code(realm, phone, address=address, device=device)


@pytest.fixture
def code_of(app, demo, queue, sms):
    def read(**more):
        send(**more)
        queue.run_all()
        return sms.last_code()

    return read


def test_the_first_log_in_makes_the_account_and_the_second_finds_it(code_of, clock):
    login.log_in_customer(PHONE, code_of())
    clock.travel(timedelta(minutes=1))
    login.log_in_customer("+86 128-1000-9999", code_of())

    account = db.session.scalars(sa.select(CustomerAccount)).one()
    assert (account.phone, account.phone_tail) == (PHONE, "9999")


def test_neither_the_code_nor_the_phone_is_stored_in_clear(code_of):
    code = code_of()

    stored = str(db.session.execute(sa.text("SELECT * FROM otp_challenge")).all())
    sent = str(db.session.execute(sa.text("SELECT payload FROM outbox")).all())
    assert code not in stored
    assert PHONE not in stored
    assert PHONE not in sent
    assert db.session.scalars(sa.select(Outbox.delivered_at)).one() is not None


def test_five_wrong_tries_kill_the_code(code_of):
    code = code_of()
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    for _ in range(5):
        with pytest.raises(Unauthorized):
            login.log_in_customer(PHONE, wrong)
    with pytest.raises(Unauthorized):
        login.log_in_customer(PHONE, code)

    assert db.session.scalars(sa.select(CustomerAccount)).all() == []


def test_a_code_is_used_once_and_lives_five_minutes(code_of, clock):
    code = code_of()
    login.log_in_customer(PHONE, code)
    with pytest.raises(Unauthorized):
        login.log_in_customer(PHONE, code)

    clock.travel(timedelta(minutes=1))
    code = code_of()
    clock.travel(timedelta(minutes=5))
    with pytest.raises(Unauthorized):
        login.log_in_customer(PHONE, code)


def test_a_new_code_kills_the_one_before(code_of, clock):
    first = code_of()
    clock.travel(timedelta(minutes=1))
    second = code_of()

    if first != second:
        with pytest.raises(Unauthorized):
            login.log_in_customer(PHONE, first)
    login.log_in_customer(PHONE, second)


@pytest.mark.parametrize(
    ("other", "limit", "code"),
    [
        (lambda n: {}, 10, "phone_limit"),
        (lambda n: {"phone": f"1281000{n:04d}", "device": f"d{n}"}, 20, "address_limit"),
        (lambda n: {"phone": f"1281000{n:04d}", "address": f"10.1.0.{n}"}, 20, "device_limit"),
    ],
)
def test_each_limit_stops_the_next_message(app, demo, clock, other, limit, code):
    for n in range(limit):
        send(**other(n))
        clock.travel(timedelta(seconds=60))

    with pytest.raises(TooManyRequests) as refusal:
        send(**other(limit))

    assert refusal.value.code == code
    assert db.session.scalar(sa.select(sa.func.count(OtpChallenge.id))) == limit


def test_codes_asked_for_at_once_stay_within_the_days_budget(real_app, demo):
    parameters.set_parameter("security.codes_per_day", 100, actor=SYSTEM)
    for n in range(97):
        send(f"1281100{n:04d}", address=f"10.2.0.{n}", device=f"e{n}")
    calls = [
        functools.partial(send, f"1281200{n:04d}", address=f"10.3.0.{n}", device=f"f{n}")
        for n in range(8)
    ]

    assert at_once(real_app, calls) == {"ok": 3, "budget": 5}


def test_two_codes_within_a_minute_are_refused(app, demo, clock):
    send()
    clock.travel(timedelta(seconds=59))

    with pytest.raises(TooManyRequests) as refusal:
        send()

    assert refusal.value.code == "code_too_soon"


@pytest.mark.parametrize(
    "phone", ["", "123", "22812345678", "1281000999x", "１２８１０００９９９９"]
)
def test_what_is_no_mobile_number_is_refused(app, demo, phone):
    with pytest.raises(InvalidInput):
        send(phone)


def test_a_real_company_refuses_the_demos_numbers(app):
    with pytest.raises(InvalidInput):
        send()


def test_a_worker_is_not_made_by_logging_in(code_of, queue, sms):
    code = code_of(realm="worker")

    with pytest.raises(Unauthorized) as refusal:
        login.log_in_worker(PHONE, code)

    assert refusal.value.code == "code_wrong"


def pair(account):
    with transaction():
        return tokens.issue("customer", account.id, account.token_version)


def test_a_token_of_one_realm_opens_nothing_in_the_other(app):
    access = pair(factories.customer()).access

    with pytest.raises(Unauthorized):
        tokens.authenticate("worker", access)


def test_an_access_token_ends_by_the_products_clock(app, clock):
    account = factories.customer()
    access = pair(account).access
    assert tokens.authenticate("customer", access) == account.id

    clock.travel(tokens.ACCESS_LIFE)
    with pytest.raises(Unauthorized) as refusal:
        tokens.authenticate("customer", access)
    assert refusal.value.code == "token_expired"


def test_a_refresh_token_used_twice_ends_its_family(app):
    first = pair(factories.customer())
    second = tokens.refresh("customer", first.refresh)

    with pytest.raises(Unauthorized):
        tokens.refresh("customer", first.refresh)
    with pytest.raises(Unauthorized):
        tokens.refresh("customer", second.refresh)


def test_logging_out_everywhere_ends_access_and_refresh(app):
    account = factories.customer()
    given = pair(account)

    tokens.end_all_sessions("customer", account.id)

    for use in (
        lambda: tokens.authenticate("customer", given.access),
        lambda: tokens.refresh("customer", given.refresh),
    ):
        with pytest.raises(Unauthorized):
            use()
