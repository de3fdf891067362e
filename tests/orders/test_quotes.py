import pytest
import sqlalchemy as sa

from app.domain.errors import NotFound, RuleViolation
from app.extensions import db
from app.models import Quote
from app.services.orders import quotes
from app.services.orders.quotes import ItemWish, OptionWish
from tests import factories


def test_every_line_says_what_it_is_and_the_lines_add_up(company):
    factories.change(company.area, travel_fee_fen=1000)

    quote = factories.quote(company, company.cleaning, company.aircon, options=(company.eco,))

    assert [(x["kind"], x["label"], x["amount_fen"]) for x in quote.content["lines"]] == [
        ("base", "全屋保洁", 19900),
        ("option", "全屋保洁：环保清洁剂", 1500),
        ("base", "空调清洗", 12000),
        ("travel", "上门费", 1000),
    ]
    assert (quote.total_fen, quote.minutes) == (34400, 180)
    assert quote.content["skills"] == {str(company.skill.id): 1}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda c: [], "items_count"),
        (lambda c: [ItemWish(c.cleaning.id), ItemWish(c.cleaning.id)], "service_twice"),
        (lambda c: [ItemWish(c.aircon.id, options=[OptionWish(c.eco.id)])], "option_unknown"),
        (lambda c: [ItemWish(c.cleaning.id, options=[OptionWish(c.eco.id, 2)])], "option_quantity"),
        (lambda c: [ItemWish(c.cleaning.id, quantity=9)], "order_apart"),
    ],
)
def test_wishes_that_do_not_fit_are_refused_and_leave_nothing(company, change, code):
    with pytest.raises(RuleViolation) as refusal:
        quotes.make_quote(
            company.customer.id,
            company.address.id,
            change(company),
            actor=factories.acting(company.customer),
        )

    assert refusal.value.code == code
    assert db.session.scalar(sa.select(sa.func.count(Quote.id))) == 0


def test_a_service_that_is_not_published_does_not_exist(company):
    factories.change(company.aircon, published=False)

    with pytest.raises(NotFound):
        factories.quote(company, company.aircon)


def test_somebody_elses_address_does_not_exist(company):
    stranger = factories.customer("陌生人")

    with pytest.raises(NotFound):
        quotes.make_quote(
            stranger.id,
            company.address.id,
            [ItemWish(company.cleaning.id)],
            actor=factories.acting(stranger),
        )
