"""Notices: kept before they are read, believed only when genuine, harmless when repeated."""

from dataclasses import replace

import pytest

from app.domain.errors import NotFound, RuleViolation
from app.extensions import db
from app.gateways.payment import InvalidNotice
from app.models import Journal, PaymentNotice
from app.services.money import payments
from app.services.money.payments import notices
from app.views.labels_money import NOTICE_OUTCOME
from tests.money.support import again, balances, count, order, start


@pytest.fixture(scope="module")
def attempt_made(once, company_made):
    return once(lambda: start(order(company_made(), 33_400)))


@pytest.fixture
def attempt(app, attempt_made):
    return attempt_made()


def kept() -> list[PaymentNotice]:
    db.session.expire_all()
    return list(db.session.query(PaymentNotice).order_by(PaymentNotice.id))


def outcomes() -> list[str]:
    found = [row.outcome for row in kept()]
    assert set(found) <= set(NOTICE_OUTCOME), "the page has a word for each"
    return found


def test_a_notice_is_kept_and_applied(attempt, payment, clock):
    headers, body = payment.notice("payment", payment.pay(attempt.out_trade_no))

    payments.receive_notice("wechat", headers | {"Cookie": "session=1"}, body)

    assert again(attempt).status == "succeeded"
    (row,) = kept()
    assert (row.outcome, row.out_trade_no) == ("applied", attempt.out_trade_no)
    assert (row.notice_id, row.body) == (body.decode(), body.decode())
    assert row.headers == {"Content-Type": "application/json"}
    assert row.received_at == clock.now()


def test_a_notice_is_on_disk_before_it_is_read(app, payment, monkeypatch):
    def read(*_):
        raise RuntimeError(f"kept: {outcomes()}")

    monkeypatch.setattr(payment, "parse_notice", read)

    with pytest.raises(RuntimeError, match=r"kept: \['received'\]"):
        payments.receive_notice("wechat", {}, b"{}")

    assert outcomes() == ["error"]


def test_a_repeated_notice_is_answered_alike_and_changes_nothing(attempt, payment):
    headers, body = payment.notice("payment", payment.pay(attempt.out_trade_no))
    payments.receive_notice("wechat", headers, body)

    payments.receive_notice("wechat", headers, body)

    assert outcomes() == ["applied", "repeated"]
    assert [row.out_trade_no for row in kept()] == [attempt.out_trade_no] * 2
    assert balances() == {"clearing_wechat": 33_400, "customer_prepayments": 33_400}


def test_a_repetition_makes_up_for_a_first_that_was_not_applied(attempt, payment, monkeypatch):
    headers, body = payment.notice("payment", payment.pay(attempt.out_trade_no))
    with monkeypatch.context() as patch:
        patch.setattr(notices, "apply_payment", _dies)
        with pytest.raises(RuntimeError):
            payments.receive_notice("wechat", headers, body)
    assert (outcomes(), count(Journal)) == (["error"], 0)

    payments.receive_notice("wechat", headers, body)

    assert again(attempt).status == "succeeded"
    assert outcomes() == ["error", "applied"]


def _dies(*_):
    raise RuntimeError("the process dies here")


def test_a_forged_notice_is_refused_and_kept(attempt, payment):
    payment.pay(attempt.out_trade_no)

    with pytest.raises(InvalidNotice):
        payments.receive_notice("wechat", {"X": "\x00"}, b'{"paid": true}\x00\xff')

    (row,) = kept()
    assert (row.outcome, row.notice_id, row.body) == (
        "bad_signature",
        None,
        '{"paid": true}\ufffd\ufffd',
    )
    assert (again(attempt).status, count(Journal)) == ("pending", 0)


def test_a_notice_of_another_amount_is_refused_and_kept(attempt, payment):
    headers, body = payment.notice("payment", payment.pay(attempt.out_trade_no, 33_399))

    with pytest.raises(RuleViolation):
        payments.receive_notice("wechat", headers, body)

    assert outcomes() == ["payment_mismatch"]
    assert (again(attempt).status, count(Journal)) == ("pending", 0)


def test_a_notice_about_somebody_elses_payment_is_refused_and_kept(attempt, payment):
    paid = replace(payment.pay(attempt.out_trade_no), out_trade_no="P-not-ours")
    headers, body = payment.notice("payment", paid)

    with pytest.raises(NotFound):
        payments.receive_notice("wechat", headers, body)

    assert outcomes() == ["payment_unknown"]


def test_an_unknown_channel_keeps_nothing(app):
    with pytest.raises(RuleViolation) as refused:
        payments.receive_notice("visa", {}, b"{}")

    assert (refused.value.code, count(PaymentNotice)) == ("channel_not_available", 0)
