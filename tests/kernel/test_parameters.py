"""Rules are declared once, bounded, kept with their history, and seen at once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, NotFound, RuleViolation
from app.domain.parameters import DECLARED
from app.extensions import db
from app.models import ParameterChange
from app.services import clock as city
from app.services.system import parameters

ACTOR = Actor("staff", 1)


@pytest.mark.parametrize("parameter", DECLARED, ids=lambda p: p.key)
def test_each_default_is_within_its_own_bounds(parameter):
    assert parameter.checked(parameter.default) == parameter.default
    assert parameter.help


def test_a_change_is_seen_at_once_and_leaves_its_history(app):
    assert parameters.get("booking.hold_minutes") == 15

    parameters.set_parameter("booking.hold_minutes", 20, actor=ACTOR, reason="假期")

    assert parameters.get("booking.hold_minutes") == 20
    change = db.session.scalars(sa.select(ParameterChange)).one()
    assert (change.old, change.new, change.actor_id, change.reason) == (15, 20, 1, "假期")


@pytest.mark.parametrize("value", [0, 121, "15", 15.0, True, None, [15]])
def test_a_value_out_of_bounds_or_of_another_type_is_refused(app, value):
    with pytest.raises(InvalidInput) as refusal:
        parameters.set_parameter("booking.hold_minutes", value, actor=ACTOR)

    assert (refusal.value.details["low"], refusal.value.details["high"]) == (1, 120)
    assert parameters.get("booking.hold_minutes") == 15
    assert db.session.scalars(sa.select(ParameterChange)).all() == []


def test_an_unknown_parameter_does_not_exist(app):
    with pytest.raises(NotFound):
        parameters.set_parameter("no.such", 1, actor=ACTOR)


def test_all_parameters_cost_one_query(app, count_queries):
    with count_queries() as statements:
        for parameter in DECLARED:
            parameters.get(parameter.key)

    assert len(statements) == 1


def test_a_change_can_begin_on_a_later_day(app, clock):
    tomorrow = city.today() + timedelta(days=1)
    parameters.set_parameter("booking.hold_minutes", 20, actor=ACTOR, effective_on=tomorrow)
    assert parameters.get("booking.hold_minutes") == 15
    assert parameters.ahead("booking.hold_minutes") == (20, city.start_of(tomorrow))

    clock.instant = city.start_of(tomorrow) - timedelta(microseconds=1)
    assert parameters.get("booking.hold_minutes") == 15
    clock.instant = city.start_of(tomorrow)

    assert parameters.get("booking.hold_minutes") == 20
    assert parameters.ahead("booking.hold_minutes") is None


def test_a_change_from_now_on_leaves_the_one_ahead(app, clock):
    tomorrow = city.today() + timedelta(days=1)
    parameters.set_parameter("booking.hold_minutes", 20, actor=ACTOR, effective_on=tomorrow)
    parameters.set_parameter("booking.hold_minutes", 12, actor=ACTOR)
    assert parameters.get("booking.hold_minutes") == 12
    clock.travel(timedelta(days=1))
    assert parameters.get("booking.hold_minutes") == 20

    parameters.set_parameter("booking.hold_minutes", 30, actor=ACTOR)

    assert parameters.get("booking.hold_minutes") == 30
    old = db.session.scalars(sa.select(ParameterChange.old).order_by(ParameterChange.id)).all()
    assert old == [15, 15, 20]


def test_what_is_ahead_can_be_taken_back_until_it_begins(app, clock):
    tomorrow = city.today() + timedelta(days=1)
    parameters.set_parameter("booking.hold_minutes", 20, actor=ACTOR, effective_on=tomorrow)
    parameters.forget_next("booking.hold_minutes", actor=ACTOR)
    clock.travel(timedelta(days=1))
    assert parameters.get("booking.hold_minutes") == 15

    with pytest.raises(NotFound):
        parameters.forget_next("booking.hold_minutes", actor=ACTOR)


@pytest.mark.parametrize("days", [0, -1])
def test_a_day_that_is_not_ahead_is_refused(app, days):
    day = city.today() + timedelta(days=days)
    with pytest.raises(RuleViolation) as refusal:
        parameters.set_parameter("booking.hold_minutes", 20, actor=ACTOR, effective_on=day)

    assert refusal.value.code == "day_not_ahead"


def test_another_session_sees_a_change_with_its_next_transaction(real_app):
    assert parameters.get("booking.hold_minutes") == 15
    db.session.rollback()

    with real_app.app_context():  # as another process: nothing is shared but the database
        parameters.set_parameter("booking.hold_minutes", 25, actor=ACTOR)
        db.session.remove()

    assert parameters.get("booking.hold_minutes") == 25
