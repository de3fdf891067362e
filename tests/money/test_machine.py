"""Nothing that can happen to money, in whatever order, leaves the books wrong by a fen."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
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


def one_life(seed: int, steps: int) -> int:
    """Without hypothesis, whose first examples do next to nothing; returns what was done."""
    MoneyMachine.steps, MoneyMachine.world = 0, world()
    life, dice = MoneyMachine(), random.Random(seed)
    keys = [life.make(stage, 2_000) for stage in ("booked", "paid", "done", "after")]
    for _ in range(steps):
        key = dice.choice(keys)
        dice.choice(
            [
                lambda: life.start(key, "lost"),  # noqa: B023  # called in this round
                lambda: life.pay(key, 2, True),  # noqa: B023
                lambda: life.edit(key, 2_000),  # noqa: B023
                lambda: life.cancel(key, False),  # noqa: B023
                lambda: life.confirm(key),  # noqa: B023
                lambda: life.ask_refund(key, 3_000, "refund"),  # noqa: B023
                lambda: life.ask_refund(key, 9_000, "compensation"),  # noqa: B023
                lambda: life.decide(1, True),
                lambda: life.deliver("none"),
                lambda: life.refunds_arrive(True, 2),
                lambda: life.time_passes(8),
                lambda: life.settle("approve"),
            ]
        )()
        life.books_are_whole()
    life.teardown()
    return MoneyMachine.steps


def test_a_life_of_money_leaves_the_books_whole(app):
    assert one_life(seed=20300506, steps=20) > 8


@pytest.mark.proof
def test_many_lives_of_money_leave_the_books_whole(app, capsys):
    steps = run(60, 40)

    with capsys.disabled():
        backend = db.session.get_bind().dialect.name
        print(f"\n{steps} steps in 60 lives on {backend}: every invariant held after each")
    assert steps > 300
