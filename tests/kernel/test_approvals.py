"""Four eyes: never who asked, only once, exactly what was shown, and not for ever."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden
from app.extensions import db
from app.models import Approval
from app.services.system import approvals, timers
from tests.kit.clients import add_staff


@pytest.fixture
def done(monkeypatch):
    monkeypatch.setattr(approvals, "DECIDERS", {"test.kind": ("hr",)})
    executed, refused = [], []

    @approvals.executes("test.kind", refused=lambda a, _actor: refused.append(a.payload))
    def execute(approval, actor):
        executed.append((approval.payload, actor.id))

    yield executed, refused
    del approvals.EXECUTE["test.kind"]
    del approvals.REFUSE["test.kind"]


@pytest.fixture
def two(app):
    return [Actor("staff", add_staff("hr").id) for _ in range(2)]


def asked(actor):
    return approvals.ask("test.kind", "thing", 1, {"amount_fen": 5}, "five fen", actor=actor)


def test_another_person_executes_exactly_what_was_shown(two, done):
    approval = asked(two[0])

    approvals.decide(approval.id, approve=True, actor=two[1])

    assert done == ([({"amount_fen": 5}, two[1].id)], [])
    assert (approval.status, approval.decided_by_id) == ("approved", two[1].id)


def test_who_asked_cannot_decide_not_even_in_the_database(two, done):
    approval = asked(two[0])

    with pytest.raises(Forbidden):
        approvals.decide(approval.id, approve=True, actor=two[0])
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.update(Approval).values(decided_by_id=two[0].id))
    db.session.rollback()

    assert done == ([], [])


def test_a_decision_is_taken_once(two, done):
    approval = asked(two[0])
    approvals.decide(approval.id, approve=False, actor=two[1])

    with pytest.raises(Conflict):
        approvals.decide(approval.id, approve=True, actor=two[1])

    assert done == ([], [{"amount_fen": 5}])


def test_a_request_that_nobody_answers_expires(two, done, clock):
    approval = asked(two[0])

    clock.travel(timedelta(hours=72))
    timers.fire_due()

    assert approval.status == "expired"
    assert done == ([], [{"amount_fen": 5}])


@pytest.mark.parametrize("actor", [Actor("customer", 1), Actor("system")])
def test_only_staff_ask(app, done, actor):
    with pytest.raises(Forbidden):
        asked(actor)


def test_whose_role_does_not_decide_this_kind_is_refused(two, done):
    approval = asked(two[0])
    for role in (None, "administrator", "finance"):
        with pytest.raises(Forbidden) as refused:
            approvals.decide(approval.id, approve=True, actor=Actor("staff", add_staff(role).id))
        assert refused.value.code == "not_yours"
    assert (done, approval.status) == (([], []), "asked")


def test_the_same_is_not_asked_twice_while_it_waits_not_even_in_the_database(two, done):
    first = asked(two[0])
    with pytest.raises(Conflict):
        asked(two[1])
    approvals.decide(first.id, approve=False, actor=two[1])
    again = asked(two[0])
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.update(Approval).values(status="asked"))
    db.session.rollback()
    assert again.id != first.id


def test_after_its_time_nobody_decides_although_the_timer_is_late(two, done, clock):
    approval = asked(two[0])
    clock.travel(timedelta(hours=72))
    with pytest.raises(Conflict):
        approvals.decide(approval.id, approve=True, actor=two[1])
    assert done == ([], [])
