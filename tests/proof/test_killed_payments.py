"""Paying, being told of it, and posting: done once, wherever the process dies."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.ledger import Line
from app.extensions import db
from app.gateways.payment import PaymentRequest
from app.models import Approval, Journal, ManualJournal, PaymentAttempt, PaymentNotice, Posting
from app.services import clock
from app.services.money import manual_journals, payments
from app.services.system import approvals
from tests.money import support
from tests.proof.test_killed_processes import (
    Verb,
    World,
    accept,
    again,
    ask_channel,
    attempted,
    kill_everywhere,
    offered_once,
    order_of,
    paid_once,
    prepaid,
    rows,
    told,
    world,
)

pytestmark = pytest.mark.proof
__all__ = ["world"]
PEOPLE: list[Actor] = []
NOTICES: dict[int, tuple[dict[str, str], bytes]] = {}


def start(order_id: int) -> None:
    support.start(order_of(order_id))


def start_again_and_pay(order_id: int) -> None:
    """The client taps once more; the customer pays what she was shown last."""
    again(start)(order_id)
    newest = sa.select(PaymentAttempt).filter_by(order_id=order_id)
    attempt = db.session.scalars(newest.order_by(PaymentAttempt.id.desc()).limit(1)).one()
    number, amount, until = attempt.out_trade_no, attempt.amount_fen, attempt.expires_at
    db.session.rollback()
    if number not in support.gateway().payments:
        # The channel was told by the process that lived no longer; its stand-in forgot it.
        support.gateway().create(PaymentRequest(number, amount, "保洁", "http://x", until))
    support.gateway().pay(number)
    ask_channel(order_id)


def paid_with_one_attempt(order_id: int) -> None:
    """An attempt whose opening died may be left beside it; it took no money."""
    order = order_of(order_id)
    attempts = db.session.scalars(sa.select(PaymentAttempt).filter_by(order_id=order_id)).all()
    paid = [attempt for attempt in attempts if attempt.status == "succeeded"]
    assert (len(paid), len(attempts) <= 2) == (1, True)
    assert order.captured_fen == order.due_fen
    assert rows(Journal, order_id=order_id, kind="payment") == 1
    assert told(order_id, "payment.started") == len(attempts)
    offered_once(order_id)


def with_notice(world: World) -> int:
    """The channel is about to tell us of the payment."""
    order_id = attempted(world)
    number = db.session.scalars(
        sa.select(PaymentAttempt.out_trade_no).filter_by(order_id=order_id)
    ).one()
    NOTICES[order_id] = support.gateway().notice("payment", support.gateway().query(number))
    db.session.rollback()
    return order_id


def receive(order_id: int) -> None:
    payments.receive_notice("wechat", *NOTICES[order_id])


def told_once(order_id: int) -> None:
    """However often it came, it is kept each time and did something once."""
    paid_once(order_id)
    number = db.session.scalars(
        sa.select(PaymentAttempt.out_trade_no).filter_by(order_id=order_id)
    ).one()
    assert rows(PaymentNotice, out_trade_no=number, outcome="applied") == 1
    body = NOTICES[order_id][1].decode()
    assert rows(PaymentNotice, body=body) in (1, 2)


def shown(_world: World) -> int:
    """A manual journal waits for its second person."""
    lines = [Line("channel_fees", 100), Line("bank", -100)]
    asked = manual_journals.ask(lines, reason="手续费", booked_on=clock.today(), actor=PEOPLE[0])
    return int(asked.id)


def post(manual_id: int) -> None:
    asked = sa.select(Approval.id).filter_by(subject_kind="manual_journal", subject_id=manual_id)
    approvals.decide(db.session.scalars(asked).one(), approve=True, actor=PEOPLE[1])


def posted_once(manual_id: int) -> None:
    row = db.session.get_one(ManualJournal, manual_id, populate_existing=True)
    assert (row.status, rows(Journal, key=f"manual:{manual_id}")) == ("posted", 1)
    assert rows(Posting, journal_id=row.journal_id) == 2


VERBS: dict[str, Verb] = {
    "start a payment": Verb(
        prepaid, start, paid_with_one_attempt, go_on=start_again_and_pay, tidy=accept
    ),
    "receive a notice": Verb(with_notice, receive, told_once, go_on=again(receive), tidy=accept),
    "post": Verb(shown, post, posted_once, go_on=again(post)),
}


@pytest.mark.parametrize("name", VERBS)
def test_wherever_the_process_dies_it_is_done_once(world: World, name: str, capsys: Any) -> None:
    PEOPLE[:] = [support.staff() for _ in range(2)]
    kill_everywhere(world, name, VERBS[name], capsys)
