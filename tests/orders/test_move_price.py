"""Another time may cost another price: shown first, charged or given back when it is agreed."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import MoveRequest, OrderLine, PriceRule
from app.services.orders import move_times, moving
from tests import factories
from tests.money.support import again, balances, pay, wrong
from tests.orders import moves

AFTERNOON = {"from_minute": 12 * 60, "to_minute": 18 * 60}


def rule(**more) -> None:
    since = {"name": "高峰", "name_en": "Peak", "valid_from": date(2020, 1, 1)}
    factories.save(PriceRule(**{**since, **AFTERNOON, "amount_fen": 3_000, **more}))


def ask(case, told: int | None = None, **more) -> MoveRequest:
    return moves.ask(case, difference_fen=told, **more)


def agree(case, row) -> None:
    moving.answer(row.id, agree=True, **moves.worker(case))


def kinds() -> list[str]:
    return list(db.session.scalars(sa.select(OrderLine.kind).order_by(OrderLine.position)))


def test_a_dearer_time_is_not_even_asked_for_before_she_was_told(case):
    rule()
    for told in (None, 2_999):
        with pytest.raises(RuleViolation) as refused:
            ask(case, told)
        assert (refused.value.code, refused.value.details["difference_fen"]) == (
            "price_differs", 3_000,
        )  # fmt: skip
    assert db.session.scalars(sa.select(MoveRequest.id)).all() == []
    assert len(moves.claimed(case)) == 1


def test_it_is_owed_once_it_is_agreed(case):
    rule()
    row = ask(case, 3_000)
    assert (row.difference_fen, again(case.order).due_fen) == (3_000, 19_900)
    agree(case, row)

    fresh = again(case.order)
    assert (fresh.total_fen, fresh.due_fen, fresh.unpaid_fen) == (22_900, 22_900, 3_000)
    assert (fresh.status, kinds()) == ("accepted", ["base", "peak"])
    assert wrong() == {}
    assert pay(case.order).amount_fen == 3_000
    assert wrong() == {}


def test_the_price_that_was_shown_holds_whatever_the_rules_are_by_then(case):
    rule()
    row = ask(case, 3_000)
    rule(name="又一条", amount_fen=9_000)
    agree(case, row)
    assert again(case.order).due_fen == 22_900


def test_a_cheaper_time_gives_the_difference_back(case):
    rule(amount_fen=-2_000, name="下午优惠")
    row = ask(case)
    assert row.difference_fen == -2_000
    agree(case, row)

    assert (again(case.order).due_fen, balances()["refunds_due"]) == (17_900, 2_000)
    assert wrong() == {}


def test_declined_it_costs_what_it_did(case):
    rule()
    row = ask(case, 3_000)
    moving.answer(row.id, agree=False, **moves.worker(case))
    assert (again(case.order).due_fen, kinds()) == (19_900, ["base"])
    assert wrong() == {}


def test_what_the_company_wants_is_not_dearer_for_her(case):
    rule()
    row = ask(case, side="staff")
    assert row.difference_fen == 0
    moving.answer(row.id, agree=True, **moves.customer(case))
    assert again(case.order).due_fen == 19_900
    assert wrong() == {}


def test_each_time_says_what_it_costs(case):
    rule()
    day = case.order.service_on
    (found,) = move_times.move_times(case.order.id, day, day, side="customer")
    costs = {one.starts_at: one.difference_fen for one in found.times}
    assert (costs[factories.at(day, 10)], costs[case.later]) == (0, 3_000)
    assert case.later - case.order.planned_start == timedelta(hours=4)
