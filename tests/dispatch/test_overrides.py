"""An exception from a hard rule: dispatch asks, operations decide, nothing else is set aside."""

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Forbidden, RuleViolation
from app.extensions import db
from app.models import Approval, Assignment, Order, OrderEvent, WorkerSkill
from app.services.dispatch import overrides
from app.services.system import approvals
from app.services.transactions import transaction
from tests import factories
from tests.dispatch.test_dispatching import waiting_order
from tests.kit.clients import add_staff


@pytest.fixture(scope="module")
def stage_made(once):
    def make():
        company = factories.company()
        factories.worker(company, name="甲")
        order = waiting_order(company)
        unskilled = factories.worker(company, name="乙")
        with transaction() as session:
            session.execute(sa.delete(WorkerSkill).filter_by(worker_id=unskilled.id))
        return company, order, unskilled

    return once(make)


@pytest.fixture
def stage(app, stage_made):
    return stage_made()


@pytest.fixture(scope="module")
def people_made(once):
    return once(lambda: [add_staff(role) for role in ("dispatcher", "operations")])


@pytest.fixture
def people(app, people_made):
    return [Actor("staff", user.id) for user in people_made()]


def test_operations_allow_exactly_what_dispatch_asked(stage, people):
    _company, order, worker = stage
    asked = overrides.ask_override(order.id, worker.id, reason="regular of hers", actor=people[0])
    assert asked.payload["broken"] == ["skill_missing"]
    with pytest.raises(Forbidden):
        approvals.decide(asked.id, approve=True, actor=people[0])
    approvals.decide(asked.id, approve=True, actor=people[1])
    order = db.session.get_one(Order, order.id, populate_existing=True)
    assert (order.status, order.lead_worker_id) == ("accepted", worker.id)
    event = db.session.scalars(sa.select(OrderEvent).filter_by(kind="assigned")).one()
    assert (event.data["despite"], event.reason) == (["skill_missing"], "regular of hers")


def test_a_rule_that_broke_since_is_not_set_aside_with_the_others(stage, people):
    _company, order, worker = stage
    asked = overrides.ask_override(order.id, worker.id, reason="regular of hers", actor=people[0])
    with transaction() as session:
        session.execute(sa.text("DELETE FROM shift WHERE worker_id = :id"), {"id": worker.id})
    with pytest.raises(RuleViolation) as refused:
        approvals.decide(asked.id, approve=True, actor=people[1])
    assert refused.value.code == "changed_since_shown"
    assert db.session.scalar(sa.select(sa.func.count(Assignment.id))) == 0
    assert db.session.get_one(Approval, asked.id).status == "asked"


def test_two_visits_at_once_nobody_can_allow(stage, people):
    company, order, worker = stage
    with transaction() as session:
        session.add(
            WorkerSkill(
                worker_id=worker.id, skill_id=company.skill.id, level=3,
                valid_from=order.service_on,
            )
        )  # fmt: skip
        session.execute(sa.text("UPDATE worker_busy SET worker_id = :id"), {"id": worker.id})
    rival = waiting_order(company)
    with pytest.raises(RuleViolation) as refused:
        overrides.ask_override(rival.id, worker.id, reason="please", actor=people[0])
    assert refused.value.code == "never_allowed"
    assert db.session.scalar(sa.select(sa.func.count(Approval.id))) == 0


def test_where_no_rule_is_broken_nothing_is_asked(stage, people):
    company, order, _worker = stage
    free = factories.worker(company, name="丙")
    with pytest.raises(RuleViolation) as refused:
        overrides.ask_override(order.id, free.id, reason="please", actor=people[0])
    assert refused.value.code == "no_rule_broken"
