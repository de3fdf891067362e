import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, NotFound
from app.domain.parameters import DECLARED
from app.extensions import db
from app.models import ParameterChange
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
