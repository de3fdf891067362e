"""Sixteen processes at the same orders: every notice has one effect, nothing is off by a fen."""

import json
import os
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import DomainError
from app.extensions import db
from app.gateways.payment import PaymentState, RefundState
from app.models import Journal, Order, PaymentAttempt, Refund
from app.services.money import payments, refunds
from app.services.orders import cancelling, confirming
from app.services.system import checks
from tests import factories
from tests.money import support

pytestmark = [pytest.mark.proof, pytest.mark.backends("postgresql")]
PROCESSES, ROUNDS, ORDERS = 16, 60, 8


def prepared() -> tuple[list[int], list[PaymentState]]:
    """Orders with two attempts each, both paid at the channel; half of them are served."""
    company = factories.company()
    workers = [factories.worker(company) for _ in range(2)]
    keys, paid = [], []
    for number in range(ORDERS):
        row = support.order(company, 33_401)
        first = support.start(row)
        second = support.another_attempt(row, 33_401)
        paid += [support.gateway().pay(one.out_trade_no) for one in (first, second)]
        if number % 2:
            payments.apply_payment("wechat", paid[-1])
            support.serve(row, *workers[: 1 + number % 3 // 2])
        keys.append(int(row.id))
    return keys, paid


def acts(keys: list[int], paid: list[PaymentState], dice: random.Random) -> Callable[[], object]:
    """What one process does next."""
    key = dice.choice(keys)
    order = db.session.get_one(Order, key, populate_existing=True)
    customer = Actor("customer", order.customer_id)

    def cancel() -> None:
        shown = cancelling.preview(db.session(), order, "customer").hash
        db.session.rollback()
        cancelling.cancel_order(key, shown, actor=customer)

    def arrives() -> None:
        number, amount = _some_refund(dice)
        refunds.apply_refund("wechat", RefundState(number, "succeeded", refund_fen=amount))

    amount = dice.randint(1, 3_000)
    return dice.choices(
        [
            lambda: payments.apply_payment("wechat", dice.choice(paid)),
            lambda: refunds.request_refund(key, amount, reason="锤", actor=SYSTEM),
            arrives,
            lambda: confirming.confirm_order(customer.id or 0, key, actor=customer),
            cancel,
        ],
        weights=[4, 4, 4, 1, 0.3],
    )[0]


def _some_refund(dice: random.Random) -> tuple[str, int]:
    rows = db.session.execute(sa.select(Refund.number, Refund.amount_fen)).all()
    db.session.rollback()
    number, amount = dice.choice(rows) if rows else ("R0", 1)
    return number, amount


def hammer(seed: int, keys: list[int], paid: list[PaymentState]) -> Counter[str]:
    dice, ended = random.Random(seed), Counter[str]()
    for _ in range(ROUNDS):
        try:
            acts(keys, paid, dice)()
            ended["done"] += 1
        except DomainError as exc:
            ended[exc.code] += 1
        db.session.rollback()
    return ended


def in_a_child(seed: int, *given: Any) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.write(writing, json.dumps(hammer(seed, *given)).encode())
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(3)


def test_sixteen_processes_leave_the_books_whole(real_app, capsys):
    keys, paid = prepared()
    db.session.rollback()
    db.engine.dispose()  # no connection may have two owners
    began = time.monotonic()
    children = [in_a_child(seed, keys, paid) for seed in range(PROCESSES)]
    ended: Counter[str] = Counter()
    for child, reading in children:
        with os.fdopen(reading) as told:
            text = told.read()
        _, status = os.waitpid(child, 0)
        assert os.WEXITSTATUS(status) == 0
        ended.update(json.loads(text))
    seconds = time.monotonic() - began

    assert {name: f.failures for name, f in checks.run_all().items() if not f.ok} == {}
    succeeded = support.count_of(PaymentAttempt, status="succeeded")
    assert support.count_of(Journal, kind="payment") == succeeded
    arrived = support.count_of(Refund, status="succeeded")
    assert support.count_of(Journal, kind="refund") == arrived
    above = sa.select(Order.id).where(Order.refunded_fen > Order.captured_fen)
    assert db.session.scalars(above).all() == []
    assert ended["done"] > PROCESSES
    with capsys.disabled():
        print(
            f"\n{PROCESSES} processes, {ended.total()} calls at {ORDERS} orders in {seconds:.0f} s:"
            f" {ended['done']} done, {succeeded} payments, {arrived} refunds arrived, 0 off;"
            f" refused: {dict(ended.most_common())}"
        )
