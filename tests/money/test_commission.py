"""There is always a rule that new orders freeze."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import CommissionRule, Order
from app.services import clock
from app.services.transactions import transaction
from tests import factories


def switch(active):
    with transaction() as session:
        session.scalars(sa.select(CommissionRule)).one().active = active


def test_without_a_rule_an_order_is_refused_politely(app):
    company = factories.company()
    factories.worker(company)
    switch(active=False)

    with pytest.raises(RuleViolation) as refusal:
        factories.order(company)

    assert refusal.value.code == "no_commission_rule"
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 0


@pytest.mark.backends("sqlite")
def test_the_last_rule_in_force_cannot_be_switched_off(app, staff_client):
    factories.company()
    rule = db.session.scalars(sa.select(CommissionRule)).one()
    key, version = rule.id, rule.version
    client = staff_client("finance")
    off = {"name": "Standard", "version": version}

    answer = client.post(f"/commissionruleview/edit/{key}", data=off)

    assert (answer.status_code, "这样今天就没有生效的佣金规则" in answer.text) == (422, True)
    assert db.session.get_one(CommissionRule, key).active
    newer = {"name": "New", "code": "standard", "revision": 2, "rate_bp": 1800, "active": "y"}
    newer["valid_from"] = str(clock.today())
    assert client.post("/commissionruleview/add", data=newer).status_code == 302
    assert client.post(f"/commissionruleview/edit/{key}", data=off).status_code == 302
    assert not db.session.get_one(CommissionRule, key).active


@pytest.mark.backends("sqlite")
def test_a_first_rule_that_begins_later_is_refused(app, staff_client):
    later = {"name": "Later", "code": "standard", "revision": 1, "rate_bp": 1800, "active": "y"}
    later["valid_from"] = str(clock.today() + timedelta(days=1))
    answer = staff_client("finance").post("/commissionruleview/add", data=later)
    assert answer.status_code == 422
    assert db.session.scalar(sa.select(sa.func.count(CommissionRule.id))) == 0
