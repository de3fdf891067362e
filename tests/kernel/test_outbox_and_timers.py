"""Rows that make things happen: at least once, never lost, one poisoned does not stop the rest."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Busy, RuleViolation
from app.extensions import db
from app.models import AuditLog, Outbox, Skill, Timer
from app.services.system import outbox, timers
from app.services.system.checks import CHECKS
from app.services.transactions import transaction


@pytest.fixture
def topic():
    heard = []

    @outbox.delivers("test.topic")
    def deliver(message):
        heard.append(message.payload["n"])
        if message.payload.get("poison"):
            raise RuntimeError("poison")

    yield heard
    del outbox.HANDLERS["test.topic"]


def put(**payload):
    with transaction():
        outbox.put("test.topic", **payload)


def test_a_message_is_delivered_once_and_marked(app, topic, queue, clock):
    put(n=1)

    assert [path for path, *_ in queue.started] == ["app.jobs.relay_outbox.run"]
    assert outbox.deliver_due() == 1
    assert outbox.deliver_due() == 0
    assert topic == [1]
    assert db.session.scalars(sa.select(Outbox.delivered_at)).one() == clock.now()


def test_a_change_that_failed_sends_nothing(app, topic, queue):
    with pytest.raises(ZeroDivisionError), transaction():
        outbox.put("test.topic", n=1)
        raise ZeroDivisionError

    assert outbox.deliver_due() == 0
    assert queue.started == []


def test_a_topic_that_nobody_delivers_is_refused_when_it_is_written(app):
    with pytest.raises(LookupError), transaction():
        outbox.put("nobody.listens")


def test_a_poisoned_message_waits_and_the_others_arrive(app, topic, clock):
    put(n=1, poison=True)
    put(n=2)

    assert outbox.deliver_due() == 1
    assert topic == [1, 2]
    assert outbox.deliver_due() == 0
    clock.travel(timedelta(seconds=2))
    outbox.deliver_due()
    assert topic == [1, 2, 1]


def test_after_twelve_tries_a_person_must_look(app, topic, clock):
    put(n=1, poison=True)
    for _ in range(20):
        outbox.deliver_due()
        clock.travel(timedelta(hours=1))

    row = db.session.scalars(sa.select(Outbox)).one()
    assert (row.attempts, len(topic)) == (12, 12)
    assert row.given_up_at is not None
    assert "poison" in row.last_error


def test_what_a_dead_process_had_leased_is_delivered_by_another(app, topic, clock):
    put(n=1)
    assert outbox._lease_next() is not None  # and then the process dies

    assert outbox.deliver_due() == 0
    clock.travel(outbox.LEASE)
    assert outbox.deliver_due() == 1


@pytest.fixture
def kind():
    fired = []

    @timers.handles("test.kind")
    def handler(subject_id):
        fired.append(subject_id)
        db.session.add(Skill(code=f"s{subject_id}", name="x"))
        if subject_id == 13:
            db.session.flush()
            raise RuntimeError("poison")
        if subject_id == 14:
            raise RuleViolation("the world moved on")

    yield fired
    del timers.HANDLERS["test.kind"]


def set_timers(clock, *subjects):
    with transaction():
        for subject in subjects:
            timers.set_timer("test.kind", subject, clock.now() + timedelta(minutes=1))


def statuses():
    rows = db.session.execute(sa.select(Timer.subject_id, Timer.status).order_by(Timer.id))
    return [tuple(row) for row in rows]


def test_a_timer_fires_when_it_is_due_and_once(app, kind, clock):
    set_timers(clock, 1)
    assert timers.fire_due() == 0

    clock.travel(timedelta(minutes=1))
    assert timers.fire_due() == 1
    assert timers.fire_due() == 0
    assert kind == [1]


def test_setting_it_again_replaces_it_and_cancelling_ends_it(app, kind, clock):
    set_timers(clock, 1)
    clock.travel(timedelta(seconds=30))
    set_timers(clock, 1, 2)
    with transaction():
        timers.cancel_timer("test.kind", 2)

    clock.travel(timedelta(seconds=30))
    assert timers.fire_due() == 0
    clock.travel(timedelta(seconds=30))
    assert timers.fire_due() == 1
    assert statuses() == [(1, "cancelled"), (1, "fired"), (2, "cancelled")]


def test_a_poisoned_timer_takes_its_change_back_and_the_others_fire(app, kind, clock):
    set_timers(clock, 13, 14, 15)
    clock.travel(timedelta(minutes=1))

    assert timers.fire_due() == 1

    assert statuses() == [(13, "waiting"), (14, "cancelled"), (15, "fired")]
    assert db.session.scalars(sa.select(Skill.code)).all() == ["s15"]
    for _ in range(12):
        clock.travel(timedelta(hours=1))
        timers.fire_due()
    assert statuses()[0] == (13, "failed")


def test_a_busy_moment_does_not_end_a_timer(app, kind, clock, monkeypatch):
    """A lock that does not come is no reason never to close an order."""
    set_timers(clock, 1)
    clock.travel(timedelta(minutes=1))
    real = timers.HANDLERS["test.kind"]
    monkeypatch.setitem(timers.HANDLERS, "test.kind", refuse_busy)
    assert timers.fire_due() == 0
    assert statuses() == [(1, "waiting")]

    monkeypatch.setitem(timers.HANDLERS, "test.kind", real)
    assert timers.fire_due() == 0  # it waits a little
    clock.travel(timedelta(seconds=2))
    assert timers.fire_due() == 1


def refuse_busy(_subject_id):
    raise Busy("not now")


def test_what_was_given_up_can_be_tried_again_by_a_person(app, topic, kind, clock):
    put(n=1, poison=True)
    set_timers(clock, 13)
    for _ in range(20):
        clock.travel(timedelta(hours=1))
        outbox.deliver_due()
        timers.fire_due()
    message, timer = (
        db.session.scalars(sa.select(Outbox)).one(),
        db.session.scalars(sa.select(Timer)).one(),
    )
    assert (timer.status, message.given_up_at is None) == ("failed", False)
    assert [CHECKS[name](db.session()).ok for name in STUCK] == [False, False]

    outbox.retry(message.id, actor=Actor("staff", 1))
    timers.retry(timer.id, actor=Actor("staff", 1))

    assert (timer.status, message.given_up_at, message.attempts) == ("waiting", None, 0)
    assert [CHECKS[name](db.session()).ok for name in STUCK] == [True, True]
    told = db.session.scalars(sa.select(AuditLog).filter_by(action="retry")).all()
    assert [row.entity for row in told] == ["outbox", "timer"]


STUCK = ("messages_arrive", "timers_do_not_fail")
