"""Bank transfers that two people of finance confirm, and cash that workers hand in."""

import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Forbidden, InvalidInput, NotFound, RuleViolation
from app.extensions import db
from app.models import Approval, Outbox, PaymentAttempt, PaymentVoucher
from app.services.money import offline, payments
from app.services.orders import paying
from app.services.system import approvals, parameters
from tests import factories
from tests.money.support import again, balances, complete, count, order, put, serve, staff, wrong

METHODS = ["wechat", "alipay", "bank", "cash"]


@pytest.fixture(scope="module")
def unpaid_made(once, company_made):
    def make():
        parameters.set_parameter("payment.methods", METHODS, actor=SYSTEM)
        parameters.set_parameter("payment.bank_account", "到家 · 招行 · 1209", actor=SYSTEM)
        return order(company_made(), 33_400)

    return once(make)


@pytest.fixture
def unpaid(app, unpaid_made):
    return unpaid_made()


def by(row) -> Actor:
    return Actor("customer", row.customer_id)


def begin(row, method: str) -> PaymentAttempt:
    return payments.start_payment(row.id, method, actor=by(row))


def in_three_weeks(clock) -> dict[str, Any]:
    start = clock.now() + timedelta(days=21)
    return {
        "promised_from": start,
        "promised_to": start + timedelta(hours=1),
        "planned_start": start,
        "planned_end": start + timedelta(hours=2),
    }


def picture(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(out, "PNG")
    return out.getvalue()


def enter(attempt, clock, *, amount_fen: int = 33_400, number: str = "B-1", actor=None) -> Approval:
    at = clock.now() - timedelta(minutes=5)
    actor = actor or staff()
    return offline.enter_transfer(attempt.id, number, amount_fen, at, actor=actor)


def test_a_bank_transfer_is_told_where_to_go_and_keeps_the_order_for_days(unpaid, clock):
    attempt = begin(unpaid, "bank")

    assert attempt.client_params["client_params"] == {
        "reference": attempt.out_trade_no,
        "account": "到家 · 招行 · 1209",
    }
    # Three days, but not beyond its visit tomorrow.
    assert again(unpaid).pay_by_at == unpaid.planned_start == attempt.expires_at
    assert begin(unpaid, "bank").id == attempt.id


def test_days_count_from_the_order_however_often_one_begins(unpaid, clock):
    put(unpaid, **in_three_weeks(clock))
    begin(unpaid, "bank")
    until = again(unpaid).pay_by_at
    clock.travel(timedelta(days=1))
    begin(unpaid, "bank")

    assert again(unpaid).pay_by_at == until == unpaid.created_at + timedelta(days=3)


def test_two_people_of_finance_confirm_a_transfer(unpaid, clock):
    attempt, maker, second = begin(unpaid, "bank"), staff(), staff()
    asked = enter(attempt, clock, actor=maker)
    assert again(attempt).status == "pending"

    with pytest.raises(Forbidden):
        approvals.decide(asked.id, approve=True, actor=maker)
    approvals.decide(asked.id, approve=True, actor=second)

    paid = again(attempt)
    assert (paid.status, paid.transaction_id) == ("succeeded", "B-1")
    assert paid.paid_at == clock.now() - timedelta(minutes=5)
    assert again(unpaid).status == "pending_dispatch"
    assert balances() == {"clearing_bank": 33_400, "customer_prepayments": 33_400}
    assert wrong() == {}


def test_a_refused_transfer_leaves_the_payment_waiting(unpaid, clock):
    attempt = begin(unpaid, "bank")
    asked = enter(attempt, clock)

    approvals.decide(asked.id, approve=False, note="没有这笔", actor=staff())

    assert (again(attempt).status, again(unpaid).status) == ("pending", "pending_payment")
    assert balances() == {}


@pytest.mark.parametrize("when", ["entered", "approved"])
def test_one_line_of_the_bank_pays_one_order(company, unpaid, clock, when):
    other = order(company, 33_400)
    first, second = begin(unpaid, "bank"), begin(other, "bank")
    asked = [enter(first, clock), *([enter(second, clock)] if when == "approved" else [])]
    approvals.decide(asked[0].id, approve=True, actor=staff())

    with pytest.raises(RuleViolation) as refused:
        if when == "approved":
            approvals.decide(asked[1].id, approve=True, actor=staff())
        else:
            enter(second, clock)

    assert (refused.value.code, refused.value.details["payment"]) == (
        "line_used", first.out_trade_no,
    )  # fmt: skip
    assert (again(second).status, again(other).status) == ("pending", "pending_payment")
    assert count(Approval) == len(asked)
    assert balances() == {"clearing_bank": 33_400, "customer_prepayments": 33_400}


@pytest.mark.parametrize(("amount", "hours"), [(33_399, 0), (33_401, 0), (33_400, 1)])
def test_what_does_not_fit_is_not_entered(unpaid, clock, amount, hours):
    attempt = begin(unpaid, "bank")
    at = clock.now() + timedelta(hours=hours)

    with pytest.raises(RuleViolation):
        offline.enter_transfer(attempt.id, "B-1", amount, at, actor=staff())

    assert count(Approval) == 0


def test_only_a_bank_transfer_is_entered_as_one(unpaid, clock):
    with pytest.raises(RuleViolation) as refused:
        enter(begin(unpaid, "wechat"), clock)

    assert refused.value.code == "not_a_transfer"


def test_a_transfer_after_the_order_was_closed_revives_it_or_is_due_back(unpaid, clock, company):
    attempt = begin(unpaid, "bank")
    asked = enter(attempt, clock)
    payments.close_open_attempts(unpaid.id)
    clock.travel(timedelta(days=2))
    paying.close_unpaid_order(unpaid.id)
    assert (again(unpaid).status, again(attempt).status) == ("closed", "closed")

    approvals.decide(asked.id, approve=True, actor=staff())

    # Its visit is over: the money is owed to the customer.
    assert again(unpaid).status == "closed"
    assert balances() == {"clearing_bank": 33_400, "refunds_due": 33_400}
    assert wrong() == {}


def test_pictures_are_kept_once_and_give_finance_time(unpaid, clock):
    put(unpaid, **in_three_weeks(clock))
    attempt = begin(unpaid, "bank")
    clock.travel(timedelta(days=2))

    first = offline.add_voucher(attempt.id, picture(), actor=by(unpaid))

    assert offline.add_voucher(attempt.id, picture(), actor=by(unpaid)).id == first.id
    assert count(PaymentVoucher) == 1
    until = clock.now() + timedelta(days=3)
    assert (again(unpaid).pay_by_at, again(attempt).expires_at) == (until, until)
    assert first.mime == "image/png"


def test_what_is_no_picture_is_no_voucher(unpaid):
    attempt = begin(unpaid, "bank")

    for content in (b"", b"%PDF-1.7 paid", b"<svg onload=alert(1)>", picture()[:40]):
        with pytest.raises(InvalidInput):
            offline.add_voucher(attempt.id, content, actor=by(unpaid))

    assert count(PaymentVoucher) == 0


def test_vouchers_are_counted_and_belong_to_transfers(unpaid, gateways):
    attempt = begin(unpaid, "bank")
    for colour in ("red", "green", "blue", "black", "white"):
        offline.add_voucher(attempt.id, picture(colour), actor=by(unpaid))

    with pytest.raises(RuleViolation) as enough:
        offline.add_voucher(attempt.id, picture("pink"), actor=by(unpaid))
    with pytest.raises(RuleViolation) as other:
        offline.add_voucher(begin(unpaid, "wechat").id, picture(), actor=by(unpaid))

    assert (enough.value.code, other.value.code) == ("vouchers_most", "no_voucher_wanted")
    assert count(PaymentVoucher) == 5


# Cash.


@pytest.fixture
def on_site(company, unpaid):
    """Chosen by the customer, and the work is done; (order, attempt, worker, visit)."""
    attempt, worker = begin(unpaid, "cash"), factories.worker(company)
    serve(unpaid, worker)
    visit_id = db.session.execute(sa.text("SELECT id FROM visit")).scalar_one()
    return unpaid, attempt, worker, visit_id


def take(on_site, amount_fen: int = 33_400) -> PaymentAttempt:
    _row, _attempt, worker, visit_id = on_site
    actor = Actor("worker", worker.id)
    return offline.receive_cash(visit_id, worker.id, amount_fen, actor=actor)


def test_who_pays_in_cash_is_served_before(unpaid):
    attempt = begin(unpaid, "cash")

    row = again(unpaid)
    assert (row.status, row.pay_mode, row.captured_fen) == ("pending_dispatch", "after", 0)
    assert attempt.status == "pending"
    topics = db.session.scalars(sa.select(Outbox.topic)).all()
    assert "order.dispatch" in topics
    assert balances() == {}


def test_the_worker_owes_the_cash_until_finance_has_it(on_site):
    row, attempt, worker, _visit = on_site

    taken = take(on_site)

    assert (taken.id, taken.status, taken.worker_id) == (attempt.id, "succeeded", worker.id)
    assert again(row).unpaid_fen == 0
    assert balances() == {"worker_cash": 33_400, "customer_prepayments": 33_400}
    assert wrong() == {}
    complete(row)

    handed = offline.hand_in_cash(taken.id, actor=staff())

    assert handed.handed_in_at is not None
    assert balances()["clearing_cash"] == 33_400
    assert "worker_cash" not in balances()
    assert wrong() == {}
    with pytest.raises(RuleViolation) as twice:
        offline.hand_in_cash(taken.id, actor=staff())
    assert twice.value.code == "no_cash_held"


def test_said_twice_the_cash_is_taken_once(on_site):
    assert take(on_site).id == take(on_site).id

    assert balances() == {"worker_cash": 33_400, "customer_prepayments": 33_400}


@pytest.mark.parametrize("amount", [1, 33_399, 33_401])
def test_cash_is_all_that_is_owed_or_nothing(on_site, amount):
    with pytest.raises(RuleViolation) as refused:
        take(on_site, amount)

    assert refused.value.code == "payment_mismatch"
    assert balances() == {}


def test_cash_after_the_order_is_done_settles_the_receivable(on_site):
    row = on_site[0]
    complete(row)
    assert balances()["customer_receivables"] == 33_400

    take(on_site)

    assert "customer_receivables" not in balances()
    assert wrong() == {}


def test_cash_that_nobody_announced_is_taken_as_well(company, unpaid):
    worker = factories.worker(company)
    serve(unpaid, worker)
    visit_id = db.session.execute(sa.text("SELECT id FROM visit")).scalar_one()

    taken = offline.receive_cash(visit_id, worker.id, 33_400, actor=Actor("worker", worker.id))

    assert (taken.method, taken.status) == ("cash", "succeeded")


def test_a_stranger_takes_no_cash(company, on_site):
    stranger = factories.worker(company)

    with pytest.raises(NotFound):
        offline.receive_cash(on_site[3], stranger.id, 33_400, actor=Actor("worker", stranger.id))


def test_without_cash_among_the_methods_none_is_taken(on_site):
    parameters.set_parameter("payment.methods", ["wechat"], actor=SYSTEM)

    with pytest.raises(RuleViolation) as refused:
        take(on_site)

    assert refused.value.code == "method_not_offered"


def test_only_what_somebody_outside_knows_is_asked_about(unpaid, company, clock, gateways):
    put(unpaid, **in_three_weeks(clock))
    transfer, online = begin(unpaid, "bank"), begin(order(company, 100), "alipay")

    assert payments.query_open_payments() == 1
    assert (again(transfer).asked_at, again(online).asked_at) == (None, clock.now())

    clock.travel(timedelta(days=3))
    payments.query_open_payments()
    assert (again(transfer).status, again(unpaid).status) == ("closed", "closed")
