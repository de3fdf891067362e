"""A coupon in a quote is a line of its price; the order uses it, and gives it back when it ends."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.errors import NotFound, RuleViolation
from app.extensions import db
from app.gateways.payment import PaymentState
from app.models import Coupon, PriceRule, Redemption
from app.services import clock as time
from app.services.crm import giving
from app.services.money import payments
from app.services.orders import editing, holds, ordering, paying, quotes
from app.services.orders.quotes import ItemWish
from tests import factories
from tests.kit import clients
from tests.money.support import again, count, pay, put, start, wrong
from tests.orders.test_cancelling import cancel

EVERY = timedelta(days=30)
given = factories.coupon


@pytest.fixture
def coupon(company, worker):
    return given(company.customer)


def quote(company, *services, code="K1", **more):
    wishes = [ItemWish(service.id) for service in services or (company.cleaning,)]
    by = factories.acting(company.customer)
    return quotes.make_quote(
        company.customer.id, company.address.id, wishes, coupon=code, actor=by, **more
    )


def order(company, asked, start=None):
    by = factories.acting(company.customer)
    held = holds.hold_slot(
        company.customer.id, asked.number, start or factories.tomorrow(), actor=by
    )
    return ordering.create_order(company.customer.id, held.number, held.quote.hash, actor=by)


def status(coupon):
    """Of the coupon; how many orders have it; what its kind counts as used."""
    live = db.session.query(Redemption).filter_by(coupon_id=coupon.id, returned_at=None).count()
    fresh = again(coupon)
    return fresh.status, live, fresh.template.used_count


def test_an_order_is_cheaper_by_its_coupon_and_uses_it(company, coupon):
    asked = quote(company, code="k1")
    assert (asked.total_fen, asked.content["lines"][-1]["kind"]) == (17_900, "coupon")
    assert status(coupon) == ("given", 0, 0)

    row = order(company, asked)

    assert (row.total_fen, row.lines[-1].kind) == (17_900, "coupon")
    assert (status(coupon), pay(row).amount_fen) == (("used", 1, 1), 17_900)
    assert wrong() == {}


def test_it_is_reckoned_anew_at_the_price_of_the_time(company, coupon):
    put(coupon.template, amount_fen=0, rate_bp=1000, kind="percent")
    factories.save(
        PriceRule(
            name="下午", from_minute=720, to_minute=1080, rate_bp=1000,
            valid_from=time.today() - EVERY,
        )
    )  # fmt: skip

    row = order(company, quote(company), factories.tomorrow(14))

    lines = [(line.kind, line.amount_fen) for line in row.lines]
    assert lines == [("base", 19_900), ("peak", 1_990), ("coupon", -2_189)]


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("template", "changed", "code"),
    [
        ({"from_fen": 20_000}, {}, "coupon_minimum"),
        ({"service_codes": ["garden"]}, {}, "coupon_other_services"),
        ({"valid_from": timedelta(days=1)}, {}, "coupon_not_yet"),
        ({}, {"status": "withdrawn"}, "coupon_withdrawn"),
        ({}, {"expires_at": timedelta()}, "coupon_expired"),
    ],
)
def test_a_coupon_that_cannot_be_used_is_refused_with_why(company, coupon, template, changed, code):
    def fitted(values):
        return {
            key: time.now() + value if isinstance(value, timedelta) else value
            for key, value in values.items()
        }

    put(coupon.template, **fitted(template))
    put(coupon, **fitted(changed))

    with pytest.raises(RuleViolation) as refusal:
        quote(company)

    assert (refusal.value.code, refusal.value.details["field"]) == (code, "coupon")


@pytest.mark.backends("sqlite")
def test_anothers_coupon_looks_like_none(company, coupon):
    put(coupon, customer_id=factories.customer("赵先生").id)

    with pytest.raises(NotFound):
        quote(company)


def test_a_coupon_is_used_once(company, coupon):
    first, second = quote(company), quote(company, company.aircon)
    order(company, first)

    with pytest.raises(RuleViolation) as refusal:
        order(company, second, factories.tomorrow(15))

    assert refusal.value.code == "coupon_used"
    assert status(coupon) == ("used", 1, 1)


def test_it_comes_back_when_the_order_is_cancelled_and_can_be_used_again(company, coupon):
    row = order(company, quote(company))
    cancel(row)
    assert status(coupon) == ("given", 0, 0)

    order(company, quote(company))

    assert (status(coupon), count(Redemption)) == (("used", 1, 1), 2)


@pytest.mark.parametrize("used_again", [False, True])
def test_an_order_that_was_closed_unpaid_lives_again_only_with_its_coupon(
    company, coupon, used_again, clock
):
    row = order(company, quote(company))
    attempt = start(row)
    put(row, pay_by_at=clock.now())
    payments.close_open_attempts(row.id)
    paying.close_unpaid_order(row.id)
    assert status(coupon) == ("given", 0, 0)
    if used_again:
        order(company, quote(company), factories.tomorrow(15))

    paid = PaymentState(attempt.out_trade_no, "succeeded", 17_900, "T-late", time.now())
    payments.apply_payment("wechat", paid)

    assert again(row).status == ("closed" if used_again else "pending_dispatch")
    assert status(coupon) == ("used", 1, 1)
    assert wrong() == {}


def test_a_changed_order_keeps_swaps_or_returns_its_coupon(company, coupon):
    row = order(company, quote(company))
    other = given(company.customer, "K2", amount_fen=5000)
    by = factories.acting(company.customer)

    for asked, held in [
        (quote(company), [("used", 1, 1), ("given", 0, 0)]),
        (quote(company, code="K2"), [("given", 0, 0), ("used", 1, 1)]),
        (quote(company, code=""), [("given", 0, 0), ("given", 0, 0)]),
    ]:
        editing.edit_order(company.customer.id, row.id, asked.number, asked.hash, actor=by)
        assert [status(coupon), status(other)] == held


def test_a_dearer_change_has_its_coupon_while_it_waits_to_be_paid(company, coupon):
    row = order(company, quote(company, code=""))
    pay(row)
    dearer = quote(company, company.cleaning, company.aircon)
    by = factories.acting(company.customer)
    editing.edit_order(company.customer.id, row.id, dearer.number, dearer.hash, actor=by)
    assert (status(coupon), again(row).supplement_fen) == (("used", 1, 1), 10_000)

    pay(again(row))

    assert (again(row).total_fen, status(coupon)) == (29_900, ("used", 1, 1))
    assert wrong() == {}


@pytest.mark.backends("sqlite")
def test_a_quote_with_a_coupon_stands_no_longer_than_the_coupon(company, coupon):
    until = time.now() + timedelta(minutes=1)
    put(coupon, expires_at=until)

    assert quote(company).expires_at == until


@pytest.mark.backends("sqlite")
def test_operations_give_a_coupon_that_the_customer_then_uses(company, worker, staff_client):
    template = given(factories.customer("别人")).template
    put(template, per_customer=1, given_most=2)
    client, who = staff_client("operations"), {"customer": company.customer.id}

    for _again in range(2):
        client.post(f"/coupontemplateview/action/give/{template.id}", data=who)

    mine = db.session.scalars(sa.select(Coupon).filter_by(customer_id=company.customer.id)).one()
    assert (again(template).given_count, quote(company, code=mine.code).total_fen) == (2, 17_900)
    for refused, limit in (("coupons_gone", {}), ("coupons_enough", {"given_most": 9})):
        put(template, **limit)
        with pytest.raises(RuleViolation) as refusal:
            giving.give(template.id, company.customer.id, actor=SYSTEM)
        assert refusal.value.code == refused


@pytest.mark.backends("sqlite")
def test_a_customer_finds_the_coupons_that_can_still_be_used(company, coupon):
    given(company.customer, "OLD")
    put(db.session.scalars(sa.select(Coupon).filter_by(code="OLD")).one(), status="withdrawn")
    given(factories.customer("别人"), "K9")

    client = clients.with_token(clients.customer_token(company.customer))
    [mine] = client.get("/api/customer/v1/coupons").json["items"]

    assert (mine["code"], mine["name"], mine["amount_fen"]) == ("K1", "立减二十", 2000)
