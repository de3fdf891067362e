"""What every way to pay must do alike, whoever brings the news."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import RuleViolation
from app.extensions import db
from app.gateways.payment import PaymentState
from app.models import Journal, PaymentAttempt, Refund
from app.services import clock as time
from app.services.money import offline, payments
from app.services.orders import paying
from app.services.system import approvals, parameters
from tests import factories
from tests.money.support import again, balances, count, order, put, serve, staff, wrong

METHODS = ("wechat", "alipay", "bank", "cash")
REMOTE = ("wechat", "alipay")


@pytest.fixture(scope="module")
def company_made(once):
    def make():
        parameters.set_parameter("payment.methods", list(METHODS), actor=SYSTEM)
        return factories.company()

    return once(make)


def begin(row, method: str) -> PaymentAttempt:
    return payments.start_payment(row.id, method, actor=Actor("customer", row.customer_id))


@pytest.fixture
def tell(company, gateways) -> Callable[[PaymentAttempt], PaymentAttempt]:
    """Bring the news that this attempt was paid, as its method brings it."""

    def by_notice(attempt):
        provider = gateways.payment[attempt.method]
        known = provider.payments[attempt.out_trade_no]
        paid = known if known.state == "succeeded" else provider.pay(attempt.out_trade_no)
        payments.receive_notice(attempt.method, *provider.notice("payment", paid))

    def by_finance(attempt):
        asked = offline.enter_transfer(
            attempt.id, f"B{attempt.id}", attempt.amount_fen, time.now(), actor=staff()
        )
        approvals.decide(asked.id, approve=True, actor=staff())

    def by_worker(attempt):
        worker = factories.worker(company)
        serve(attempt.order, worker)
        visit_id = db.session.execute(sa.text("SELECT max(id) FROM visit")).scalar_one()
        actor = Actor("worker", worker.id)
        offline.receive_cash(visit_id, worker.id, attempt.amount_fen, actor=actor)

    ways = {"bank": by_finance, "cash": by_worker}

    def bring(attempt):
        ways.get(attempt.method, by_notice)(attempt)
        return again(attempt)

    return bring


@pytest.mark.parametrize("method", METHODS)
def test_a_payment_settles_the_order_and_is_booked_at_its_channel(company, method, tell):
    row = order(company, 33_400)
    attempt = begin(row, method)
    assert (attempt.status, attempt.amount_fen, attempt.channel) == ("pending", 33_400, method)

    paid = tell(attempt)

    assert (paid.status, again(row).unpaid_fen) == ("succeeded", 0)
    held = "worker_cash" if method == "cash" else f"clearing_{method}"
    assert balances() == {held: 33_400, "customer_prepayments": 33_400}
    assert wrong() == {}


@pytest.mark.parametrize("method", METHODS)
def test_beginning_again_finds_the_open_attempt(company, method):
    row = order(company, 33_400)
    first = begin(row, method)

    if method == "cash":  # the order went on, and is paid on site
        with pytest.raises(RuleViolation):
            begin(row, method)
    else:
        assert begin(row, method).id == first.id
    assert count(PaymentAttempt) == 1


@pytest.mark.parametrize("method", METHODS)
def test_the_same_news_again_changes_nothing(company, method, tell):
    paid = tell(begin(order(company, 33_400), method))
    before = count(Journal), balances()
    state = PaymentState(paid.out_trade_no, "succeeded", 33_400, paid.transaction_id, paid.paid_at)

    payments.apply_payment(method, state)

    assert (count(Journal), balances()) == before


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "wrong_news", [{"amount_fen": 33_401}, {"amount_fen": None}, {"transaction_id": None}]
)
def test_news_of_something_else_is_refused(company, method, wrong_news):
    attempt = begin(order(company, 33_400), method)
    known = {"amount_fen": 33_400, "transaction_id": "T1"} | wrong_news

    with pytest.raises(RuleViolation) as refused:
        payments.apply_payment(method, PaymentState(attempt.out_trade_no, "succeeded", **known))

    assert refused.value.code == "payment_mismatch"
    assert (again(attempt).status, count(Journal)) == ("pending", 0)


@pytest.mark.parametrize("method", METHODS)
def test_paid_twice_goes_back_once(company, method, tell):
    row = order(company, 33_400)
    slow = begin(row, method)
    if method == "cash":
        put(row, status="pending_payment", pay_mode="prepaid")
    tell(begin(row, "wechat" if method != "wechat" else "alipay"))
    later = time.now() + timedelta(minutes=1)
    state = PaymentState(slow.out_trade_no, "succeeded", 33_400, "T-slow", later)

    payments.apply_payment(method, state)
    payments.apply_payment(method, state)

    (refund,) = db.session.scalars(sa.select(Refund)).all()
    assert (refund.amount_fen, refund.attempt_id) == (33_400, slow.id)
    assert wrong() == {}


@pytest.mark.parametrize("method", ["wechat", "alipay", "bank"])
@pytest.mark.parametrize("rule", ["revive", "refund"])
def test_paid_after_the_order_was_closed(company, method, rule, tell, clock):
    factories.shift(factories.worker(company), time.today() + timedelta(days=1))
    parameters.set_parameter("payment.late_payment", rule, actor=SYSTEM)
    row = order(company, 33_400)
    attempt = begin(row, method)
    _close(row, clock)
    assert (again(row).status, again(attempt).status) == ("closed", "closed")

    if method == "bank":
        tell(attempt)
    else:
        state = PaymentState(attempt.out_trade_no, "succeeded", 33_400, "T-late", time.now())
        payments.apply_payment(method, state)

    assert again(attempt).status == "succeeded"
    revived = rule == "revive"
    assert again(row).status == ("pending_dispatch" if revived else "closed")
    assert count(Refund) == (0 if revived else 1)
    assert wrong() == {}


def _close(row, clock) -> None:
    """Nobody paid until the last moment, which is brought near."""
    put(row, pay_by_at=clock.now())
    payments.close_open_attempts(row.id)
    paying.close_unpaid_order(row.id)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_is_not_switched_on_is_refused(company, method):
    parameters.set_parameter("payment.methods", [m for m in METHODS if m != method], actor=SYSTEM)

    with pytest.raises(RuleViolation) as refused:
        begin(order(company, 33_400), method)

    assert refused.value.code == "method_not_offered"
    assert count(PaymentAttempt) == 0


@pytest.mark.parametrize(
    ("method", "way"),
    [
        ("wechat", payments.Way("page")),
        ("wechat", payments.Way("client")),
        ("wechat", payments.Way("qr", "o1")),
        ("bank", payments.Way("qr")),
        ("cash", payments.Way(payer_openid="o1")),
    ],
)
def test_a_way_that_the_channel_does_not_know_is_refused(company, gateways, method, way):
    gateways.payment["wechat"].scenes = frozenset({"qr", "client", "h5"})
    row = order(company, 33_400)

    with pytest.raises(RuleViolation) as refused:
        payments.start_payment(row.id, method, actor=SYSTEM, way=way)

    assert refused.value.code == "scene_not_offered"
    assert count(PaymentAttempt) == 0
