"""Positions that workers' phones tell."""

from datetime import timedelta

import pytest

from app.domain.actors import SYSTEM
from app.domain.geo import Point
from app.extensions import db
from app.models import LocationPing
from app.services.visits import positions
from tests import factories

HERE, THERE = Point(23.13, 113.26), Point(23.14, 113.27)


@pytest.fixture
def worker(company):
    return factories.worker(company)


def pings():
    return [(row.lat, row.at) for row in db.session.query(LocationPing).order_by(LocationPing.id)]


def test_what_comes_at_once_takes_the_place_of_the_last(worker, clock):
    positions.tell_position(worker.id, HERE, actor=SYSTEM)
    clock.travel(timedelta(seconds=5))
    positions.tell_position(worker.id, THERE, actor=SYSTEM)
    second = clock.now()
    clock.travel(timedelta(minutes=1))

    positions.tell_position(worker.id, HERE, actor=SYSTEM)

    assert pings() == [(THERE.lat, second), (HERE.lat, clock.now())]


def test_they_are_kept_for_a_month(worker, clock):
    positions.tell_position(worker.id, HERE, actor=SYSTEM)
    clock.travel(timedelta(days=20))
    positions.tell_position(worker.id, THERE, actor=SYSTEM)
    clock.travel(timedelta(days=11))

    assert positions.prune() == 1
    assert [lat for lat, _at in pings()] == [THERE.lat]
