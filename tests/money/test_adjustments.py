"""Rewards and penalties: asked for with a reason, decided by finance, on the next statement."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Forbidden, InvalidInput, RuleViolation
from app.extensions import db
from app.models import Adjustment, Approval, Partner, Statement
from app.services import clock as city
from app.services.money import adjustments, settlement
from app.services.system import approvals
from tests import factories
from tests.kit.clients import add_staff
from tests.money.support import again, balances, count, earned, journal, staff, wrong


def ask(worker, kind: str, amount_fen: int, role: str = "hr") -> Adjustment:
    actor = Actor("staff", add_staff(role).id)
    return adjustments.request_adjustment(
        worker.id, kind, amount_fen, reason="月度好评", actor=actor
    )


def decide(adjustment, *, approve: bool = True) -> None:
    asked = db.session.scalars(
        sa.select(Approval).filter_by(subject_kind="adjustment", subject_id=adjustment.id)
    ).one()
    approvals.decide(asked.id, approve=approve, actor=staff())


def settle(company, clock) -> list[Statement]:
    clock.travel(timedelta(days=7))
    run = settlement.make_run(company.branch.id, date(2030, 5, 6), city.today(), actor=staff())
    approval = settlement.ask_approval(run.id, actor=staff())
    approvals.decide(approval.id, approve=True, actor=staff())
    return list(db.session.scalars(sa.select(Statement).filter_by(run_id=run.id)))


def test_a_reward_is_booked_when_it_is_approved_and_paid_with_the_next_statement(
    company, worker, clock
):
    reward = ask(worker, "reward", 5_000)
    assert (reward.status, balances()) == ("asked", {})
    decide(reward)
    assert journal(f"adjustment:{reward.id}") == [
        ("worker_rewards", 5_000), ("worker_frozen", -5_000),
    ]  # fmt: skip
    assert wrong() == {}

    (statement,) = settle(company, clock)

    assert (statement.base_fen, statement.payable_fen) == (0, 5_000)
    assert (again(reward).status, again(reward).statement_id) == ("settled", statement.id)
    assert balances() == {"worker_rewards": 5_000, "worker_available": 5_000}
    assert wrong() == {}


def test_a_penalty_is_owed_until_the_next_earnings(company, worker, clock):
    penalty = ask(worker, "penalty", -3_000)
    decide(penalty)
    assert balances() == {"worker_rewards": -3_000, "worker_negative": 3_000}
    earned(company, worker, 10_000)

    (statement,) = settle(company, clock)

    assert (statement.adjustment_fen, statement.payable_fen) == (-3_000, 5_000)
    assert balances()["worker_available"] == 5_000
    assert wrong() == {}


def test_who_only_owes_gets_no_statement(company, worker, clock):
    decide(ask(worker, "penalty", -3_000))
    with pytest.raises(RuleViolation) as refused:
        settle(company, clock)

    assert refused.value.code == "nothing_to_settle"
    assert count(Statement) == 0
    assert wrong() == {}


def test_a_refused_one_moves_nothing(company, worker):
    reward = ask(worker, "compensation", 5_000)

    decide(reward, approve=False)

    assert (again(reward).status, balances()) == ("refused", {})


@pytest.mark.parametrize(
    ("kind", "amount", "code"),
    [
        ("reward", -1, "wrong_direction"),
        ("penalty", 1, "wrong_direction"),
        ("reward", 0, "amount_range"),
        ("correction", 10_000_001, "amount_range"),
        ("carry_over", -5, "kind_unknown"),
    ],
)
def test_what_makes_no_sense_is_refused(company, worker, kind, amount, code):
    with pytest.raises((RuleViolation, InvalidInput)) as refused:
        ask(worker, kind, amount)
    assert refused.value.code == code
    assert count(Adjustment) == 0


def test_only_who_knows_the_workers_asks(company, worker):
    with pytest.raises(Forbidden):
        ask(worker, "reward", 5_000, role="dispatcher")


# An agency's.


@pytest.fixture
def partner(company):
    return factories.save(Partner(branch_id=company.branch.id, code="agency", name="安心家政"))


def ask_for(partner, kind: str, amount_fen: int) -> Adjustment:
    actor = Actor("staff", add_staff("hr").id)
    return adjustments.request_partner_adjustment(
        partner.id, kind, amount_fen, reason="质量奖", actor=actor
    )


def test_an_agencys_reward_and_penalty_move_what_it_is_owed(partner):
    decide(ask_for(partner, "reward", 5_000))
    decide(ask_for(partner, "penalty", -2_000))

    assert balances() == {"worker_rewards": 3_000, "partner_payable": 3_000}
    assert wrong() == {}


def test_no_more_is_taken_from_an_agency_than_it_is_owed(partner):
    decide(ask_for(partner, "reward", 5_000))
    first, second = (ask_for(partner, "penalty", -4_000) for _ in range(2))
    decide(first)

    for late in (lambda: decide(second), lambda: ask_for(partner, "penalty", -1_001)):
        with pytest.raises(RuleViolation) as refused:
            late()
        assert refused.value.code == "above_payable"
    assert balances()["partner_payable"] == 1_000
    assert wrong() == {}
