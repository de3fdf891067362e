"""Whatever everybody does to orders, in whatever order: all invariants hold after each step."""

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from app.domain.states import OrderStatus
from app.extensions import db
from app.models import AddOn
from app.services.orders import choosing, waiving
from tests.orders.machine import OrderMachine, world

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
LIVES = int(os.environ.get("LIVES") or 60)
ENOUGH = 40  # lives after which every status was seen
PLACE = (23.150, 113.300)
SEED = int(os.environ.get("SEED") or 20300506)


def one_life(seed: int, steps: int) -> Counter[str]:
    """What fits the order's status, mostly, and now and then anything; the statuses seen.

    Without hypothesis, whose examples are short of happy ends. What goes wrong is told with the
    seed and all steps until then.
    """
    life, seen = OrderMachine(), Counter[str]()
    try:
        live(life, random.Random(seed), steps, seen)
    except BaseException as error:
        error.add_note(f"one_life(seed={seed}, steps={steps}):\n" + "\n".join(life.did))
        raise
    finally:
        life.teardown()
    return seen


def live(life: OrderMachine, dice: random.Random, steps: int, seen: Counter[str]) -> None:
    keys: list[Any] = []
    for _ in range(steps):
        if not keys or dice.random() < 0.1:
            made = life.book(dice.randint(1, 4), dice.randint(8, 18), dice.random() < 0.5, PLACE)
            keys += [made] if isinstance(made, int) else []
        if keys:
            key = dice.choice(keys[-2:])
            fitting = FITTING.get(life.order(key).status, ())
            act = dice.choice(fitting if fitting and dice.random() < 0.85 else ANY)
            act(life, key, dice)
            seen[life.order(key).status] += 1
        life.all_holds()


Act = Callable[[OrderMachine, int, random.Random], Any]


def pays(life: OrderMachine, key: int, dice: random.Random) -> None:
    life.begin_to_pay(key, "none", _fails(dice))
    life.paid(key, dice.randint(1, 2), _fails(dice))


def serves(life: OrderMachine, key: int, dice: random.Random) -> None:
    life.time_of(key, -20)
    life.serve(key, dice.choice(("depart", "check_in")), _fails(dice))


def asks_for_time(life: OrderMachine, key: int, dice: random.Random) -> None:
    side = dice.choice(("customer", "worker", "staff"))
    life.ask_for_time(key, side, dice.randint(1, 4), dice.randint(8, 18), _fails(dice))


def _fails(dice: random.Random) -> int:
    return dice.choice((0, 0, 0, 3, 9, 20))


def edits(life: OrderMachine, key: int, dice: random.Random) -> None:
    life.edit(key, dice.random() < 0.5, _fails(dice))


def answers(life: OrderMachine, key: int, dice: random.Random) -> None:
    life.answer_offer(key, dice.random() < 0.7, _fails(dice))


def waits_in_vain(life: OrderMachine, key: int, dice: random.Random) -> None:
    """At the door until it is long enough to report it."""
    life.time_of(key, 1)
    life.nobody_at_home(key, False)
    life.time_passes(21)
    life.nobody_at_home(key, True)
    life.decide(True)


def drops_a_charge(life: OrderMachine, key: int, dice: random.Random) -> None:
    """Of finished work that she disputes."""
    agreed = sa.select(AddOn.id).filter_by(order_id=key, status="approved")
    asked = db.session.scalar(agreed.limit(1))
    if asked is not None:
        life.dispute(key)
        life.act(lambda: waiving.waive(asked, reason="随机", actor=life.world.service))


def chooses(life: OrderMachine, key: int, dice: random.Random) -> None:
    life.choose(key, dice.choice(choosing.CHOICES), 9)


def checks_out(life: OrderMachine, key: int, dice: random.Random) -> None:
    life.serve(key, "check_out", _fails(dice))


def adds(life: OrderMachine, key: int, dice: random.Random) -> None:
    life.add_on(key, True, dice.choice((2_000, 30_000)), dice.random() < 0.5)


def resolves(life: OrderMachine, key: int, dice: random.Random) -> None:
    life.resolve_exception(key, dice.choice(list(OrderStatus)[1:8]), _fails(dice))


JOBS: Act = lambda life, _key, _dice: life.jobs("none")  # noqa: E731
ANY: tuple[Act, ...] = (
    JOBS, pays, asks_for_time,
    lambda life, key, dice: life.cancel(key, dice.random() < 0.5, _fails(dice)),
    lambda life, _key, dice: life.time_passes(dice.choice((5, 16, 61))),
    lambda life, _key, _dice: life.answer_time(True, 0),
    lambda life, _key, _dice: life.refunds_arrive(2),
    lambda life, _key, dice: life.decide(dice.random() < 0.7),
)  # fmt: skip
FITTING: dict[str, tuple[Act, ...]] = {
    "pending_payment": (pays, pays, edits),
    "pending_dispatch": (JOBS, JOBS, lambda life, key, dice: life.assign(key, 1, _fails(dice)),
                         chooses),
    "offered": (answers, answers, edits, asks_for_time),
    "accepted": (serves, serves, asks_for_time,
                 lambda life, key, dice: life.answer_time(dice.random() < 0.7, _fails(dice)),
                 lambda life, key, dice: life.reassign(key, 2, _fails(dice)),
                 lambda life, key, dice: life.withdraw(key, _fails(dice)),
                 lambda life, key, dice: life.time_of(key, 90)),
    "en_route": (lambda life, key, dice: life.serve(key, "check_in", _fails(dice)),
                 waits_in_vain),
    "in_service": (checks_out, adds,
                   lambda life, key, dice: life.stop(key)),
    "pending_confirm": (lambda life, key, dice: life.confirm(key),
                        lambda life, key, dice: life.dispute(key),
                        lambda life, key, dice: life.report_exception(key)),
    "exception": (resolves,),
    "completed": (lambda life, key, dice: life.rework(key, 10),
                  drops_a_charge,
                  lambda life, key, dice: life.ask_refund(key, 3_000)),
}  # fmt: skip


@pytest.mark.backends("sqlite")
def test_a_random_life_of_orders_breaks_nothing(app):
    OrderMachine.steps, OrderMachine.world = 0, world()

    seen = one_life(SEED, steps=60)

    assert OrderMachine.steps > 20
    assert len(seen) > 5


@pytest.mark.proof
def test_many_lives_of_orders_break_nothing(app, capsys):
    """Half of them to their good ends, half as hypothesis likes them."""
    OrderMachine.steps, OrderMachine.world = 0, world()
    seen = sum((one_life(SEED + n, steps=60) for n in range(LIVES)), Counter())
    limits = settings(
        max_examples=LIVES, stateful_step_count=50, deadline=None, database=None,
        suppress_health_check=SLOW, phases=[Phase.generate],  # to shrink takes longer than to read
        print_blob=True,
    )  # fmt: skip
    print(f"seed {SEED}")  # pytest shows it when this fails
    run_state_machine_as_test(seed(SEED)(OrderMachine), settings=limits)
    with capsys.disabled():
        backend = db.session.get_bind().dialect.name
        print(f"\n{backend}, seed {SEED}: {OrderMachine.steps} changes in {2 * LIVES} lives,"
              f" nothing broke after any step; statuses seen {dict(seen)}")  # fmt: skip
    if LIVES >= ENOUGH:
        assert set(seen) == {status.value for status in OrderStatus}
