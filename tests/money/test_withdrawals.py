"""Withdrawals: set aside at once, reviewed by one, sent by another, paid once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.domain.actors import Actor
from app.domain.errors import Forbidden, IllegalTransition, InvalidInput, NotFound, RuleViolation
from app.gateways.payment import GatewayRefused, OutcomeUnknown, TransferState
from app.models import AuditLog, Withdrawal
from app.services.money import payments, withdrawals
from app.services.money.withdrawals import Balance
from tests import factories
from tests.money.support import (
    again,
    available,
    count,
    journal,
    payout_account,
    put,
    reviewed,
    sent,
    staff,
    withdraw,
)


@pytest.fixture(scope="module")
def worker_made(once, company_made):
    def make():
        row = factories.worker(company_made())
        available(row, 50_000)
        return row

    return once(make)


@pytest.fixture
def worker(app, worker_made):
    return worker_made()


def ask(worker, amount_fen=20_000, account=None) -> Withdrawal:
    account = account or payout_account(worker)
    return withdrawals.apply_for(
        worker.id, amount_fen, account.id, actor=Actor("worker", worker.id)
    )


def balance(worker) -> Balance:
    return withdrawals.balance_of(worker.id)


def test_what_is_asked_for_is_set_aside_at_once(worker, clock):
    withdrawal = ask(worker)

    assert (withdrawal.status, withdrawal.channel) == ("applied", "wechat")
    assert withdrawal.applied_on.isoformat() == "2030-05-06"
    assert balance(worker) == Balance(30_000, 0, 20_000)
    assert journal(f"withdrawal:{withdrawal.id}") == [
        ("worker_available", 20_000),
        ("withdrawals_in_transit", -20_000),
    ]


def test_nobody_withdraws_more_than_he_has(worker):
    with pytest.raises(RuleViolation) as refused:
        ask(worker, 50_001)

    assert refused.value.code == "insufficient_balance"
    assert (count(Withdrawal), balance(worker)) == (0, Balance(50_000, 0, 0))


@pytest.mark.parametrize("amount", [9_999, 0, -1])
def test_small_amounts_wait(worker, amount):
    with pytest.raises(RuleViolation) as refused:
        ask(worker, amount)

    assert (refused.value.code, count(Withdrawal)) == ("below_minimum", 0)


def test_one_withdrawal_a_day(worker, clock):
    ask(worker, 10_000)
    with pytest.raises(RuleViolation) as refused:
        ask(worker, 10_000)
    assert (refused.value.code, count(Withdrawal)) == ("too_many_today", 1)

    clock.travel(timedelta(hours=15))  # midnight of the city

    assert ask(worker, 10_000).applied_on.isoformat() == "2030-05-07"


def test_a_rejected_one_does_not_count_for_the_day(worker):
    withdrawals.reject(ask(worker).id, reason="wrong name", actor=staff())

    assert ask(worker).status == "applied"


def test_somebody_elses_or_a_closed_account_does_not_exist(company, worker):
    other = payout_account(factories.worker(company))
    closed = payout_account(worker, active=False)

    for account in (other, closed):
        with pytest.raises(NotFound):
            ask(worker, account=account)

    assert balance(worker) == Balance(50_000, 0, 0)


def test_a_rejected_withdrawal_is_available_again(worker, clock):
    withdrawal = withdrawals.reject(ask(worker).id, reason="wrong name", actor=staff())

    assert (withdrawal.status, withdrawal.failure) == ("rejected", "wrong name")
    assert withdrawal.finished_at == clock.now()
    assert balance(worker) == Balance(50_000, 0, 0)


def test_a_rejection_needs_a_reason_and_staff(worker):
    withdrawal = ask(worker)

    with pytest.raises(InvalidInput):
        withdrawals.reject(withdrawal.id, reason=" ", actor=staff())
    with pytest.raises(Forbidden):
        withdrawals.reject(withdrawal.id, reason="x", actor=Actor("worker", worker.id))

    assert again(withdrawal).status == "applied"


def test_who_reviewed_does_not_send(worker, payment):
    withdrawal = reviewed(worker, 20_000)

    with pytest.raises(Forbidden) as refused:
        withdrawals.send(withdrawal.id, actor=Actor("staff", withdrawal.reviewed_by_id))

    assert (refused.value.code, payment.transfers) == ("same_person", {})


def test_the_database_knows_that_two_people_are_needed(worker):
    withdrawal = reviewed(worker, 20_000)

    with pytest.raises(IntegrityError):
        put(withdrawal, sent_by_id=withdrawal.reviewed_by_id)


def test_what_was_not_reviewed_is_not_sent(worker, payment):
    with pytest.raises(IllegalTransition):
        withdrawals.send(ask(worker).id, actor=staff())

    assert payment.transfers == {}


def test_a_sent_withdrawal_waits_for_the_worker(worker, payment):
    withdrawal = sent(worker, 20_000)

    assert withdrawal.status == "waiting_for_payee"
    assert withdrawal.client_params == {"package": f"package-{withdrawal.number}"}
    (request,) = payment.requests
    assert (request.amount_fen, request.openid, request.user_name) == (
        20_000, "openid-of-wang", None,
    )  # fmt: skip
    assert balance(worker) == Balance(30_000, 0, 20_000)


def test_large_transfers_carry_the_name(company, payment):
    worker = factories.worker(company)
    available(worker, 200_000)

    sent(worker, 200_000)

    assert payment.requests[0].user_name == "王师傅"


def test_a_confirmed_withdrawal_is_paid(worker):
    withdrawal = withdraw(worker, 20_000)

    assert balance(worker) == Balance(30_000, 0, 0)
    assert journal(f"withdrawal_paid:{withdrawal.id}") == [
        ("withdrawals_in_transit", 20_000),
        ("clearing_wechat", -20_000),
    ]


def test_a_notice_pays_it_too_and_only_once(worker, payment):
    withdrawal = sent(worker, 20_000)
    headers, body = payment.notice("transfer", payment.finish_transfer(withdrawal.number))

    payments.receive_notice("wechat", headers, body)
    payments.receive_notice("wechat", headers, body)

    assert again(withdrawal).status == "paid"
    assert balance(worker) == Balance(30_000, 0, 0)


@pytest.mark.parametrize(
    ("reason", "status"), [("PAYEE_ACCOUNT_ABNORMAL", "failed"), ("OVERDUE_CLOSE", "expired")]
)
def test_what_did_not_arrive_is_available_again(worker, payment, reason, status):
    withdrawal = sent(worker, 20_000)
    failed = replace(payment.finish_transfer(withdrawal.number, ok=False), fail_reason=reason)

    withdrawals.apply_transfer("wechat", failed)
    withdrawals.apply_transfer("wechat", failed)

    assert (again(withdrawal).status, again(withdrawal).failure) == (status, reason)
    assert balance(worker) == Balance(50_000, 0, 0)


def test_without_an_answer_it_is_unknown_and_asked_about_before_it_is_sent_again(worker, payment):
    withdrawal = reviewed(worker, 20_000)
    payment.fails_with = OutcomeUnknown("time-out")
    assert withdrawals.send(withdrawal.id, actor=staff()).status == "unknown"

    assert withdrawals.refresh_open() == 1

    assert [request.out_bill_no for request in payment.requests] == [withdrawal.number] * 2
    assert again(withdrawal).status == "waiting_for_payee"
    assert balance(worker) == Balance(30_000, 0, 20_000)


def test_an_answer_that_was_lost_is_asked_for_again(worker, payment, monkeypatch):
    """The channel has it, but we do not have what opens the worker's confirmation."""
    withdrawal = reviewed(worker, 20_000)
    transfer = payment.transfer

    def answer_lost(request):
        transfer(request)
        raise OutcomeUnknown("time-out")

    monkeypatch.setattr(payment, "transfer", answer_lost)
    withdrawals.send(withdrawal.id, actor=staff())
    monkeypatch.undo()

    withdrawals.refresh(withdrawal.id)

    assert again(withdrawal).status == "waiting_for_payee"
    assert again(withdrawal).client_params == {"package": f"package-{withdrawal.number}"}
    assert len(payment.transfers) == 1


def test_a_refusal_is_final_only_when_the_channel_never_took_it(worker, payment):
    withdrawal = reviewed(worker, 20_000)
    payment.fails_with = GatewayRefused("no", gateway_code="PARAM_ERROR", temporary=False)

    withdrawals.send(withdrawal.id, actor=staff())

    assert (again(withdrawal).status, again(withdrawal).failure) == ("failed", "PARAM_ERROR")
    assert balance(worker) == Balance(50_000, 0, 0)


@pytest.mark.parametrize("code", ["NOT_ENOUGH", "FREQUENCY_LIMITED"])
def test_what_can_be_tried_again_is_kept(worker, payment, code):
    withdrawal = reviewed(worker, 20_000)
    temporary = code == "FREQUENCY_LIMITED"
    payment.fails_with = GatewayRefused("no", gateway_code=code, temporary=temporary)

    withdrawals.send(withdrawal.id, actor=staff())

    assert again(withdrawal).status == "unknown"
    withdrawals.refresh_open()
    assert again(withdrawal).status == "waiting_for_payee"


@pytest.mark.parametrize(
    "changes", [{"amount_fen": 20_001}, {"state": "failed"}, {"state": "cancelled"}]
)
def test_news_that_contradict_the_books_are_refused(worker, payment, changes):
    withdrawal = withdraw(worker, 20_000)
    news = replace(payment.transfers[withdrawal.number], **changes)

    with pytest.raises(RuleViolation) as refused:
        withdrawals.apply_transfer("wechat", news)

    assert refused.value.code == "transfer_mismatch"
    assert balance(worker) == Balance(30_000, 0, 0)


def test_old_news_does_not_lead_back(worker):
    withdrawal = sent(worker, 20_000)

    withdrawals.apply_transfer("wechat", TransferState(withdrawal.number, "accepted"))

    assert again(withdrawal).status == "waiting_for_payee"


def test_news_about_what_was_never_sent_are_refused(worker):
    withdrawal = reviewed(worker, 20_000)

    with pytest.raises(RuleViolation):
        withdrawals.apply_transfer("wechat", TransferState(withdrawal.number, "succeeded"))

    assert again(withdrawal).status == "reviewed"


def test_money_that_no_channel_can_send_is_not_set_aside(worker):
    account = payout_account(worker, channel="bank")
    before = withdrawals.balance_of(worker.id)

    with pytest.raises(RuleViolation) as refused:
        ask(worker, account=account)

    assert refused.value.code == "channel_not_available"
    assert withdrawals.balance_of(worker.id) == before


def test_a_channel_that_was_cut_is_told_before_anything_is_marked(worker, gateways, monkeypatch):
    withdrawal = ask(worker)
    withdrawals.review(withdrawal.id, actor=staff())
    monkeypatch.delitem(gateways.payment, "wechat")

    with pytest.raises(RuleViolation) as refused:
        withdrawals.send(withdrawal.id, actor=staff())

    assert (refused.value.code, again(withdrawal).status) == ("channel_not_available", "reviewed")


def test_every_step_is_in_the_audit_log(worker, db):
    withdrawal = withdraw(worker, 20_000)

    rows = (
        db.session.query(AuditLog)
        .filter_by(entity="withdrawal", entity_id=str(withdrawal.id))
        .order_by(AuditLog.id)
    )
    steps = [row.changes["status"][1] for row in rows if "status" in row.changes]
    assert steps == ["applied", "reviewed", "sent", "waiting_for_payee", "paid"]
