"""Nothing that can happen to money, in whatever order, leaves the books wrong by a fen."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.extensions import db
from tests.money.machine import MoneyMachine, world

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def run(examples: int, steps: int, **more: Any) -> int:
    MoneyMachine.steps, MoneyMachine.world = 0, world()
    limits = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=SLOW, **more,
    )  # fmt: skip
    run_state_machine_as_test(MoneyMachine, settings=limits)
    return MoneyMachine.steps


def test_a_few_lives_of_money_leave_the_books_whole(app):
    assert run(3, 14, derandomize=True, phases=[Phase.generate]) > 5


@pytest.mark.proof
def test_many_lives_of_money_leave_the_books_whole(app, capsys):
    steps = run(60, 40)

    with capsys.disabled():
        backend = db.session.get_bind().dialect.name
        print(f"\n{steps} steps in 60 lives on {backend}: every invariant held after each")
    assert steps > 300
