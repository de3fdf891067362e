"""A sample of the permission proof (`make proof` asks everything), and that nothing is left out."""

import random

import pytest

from tests.permissions import asking, company, expected, judging

pytestmark = pytest.mark.backends("sqlite")
SEED, DRAWN = 20300506, 80


@pytest.fixture(scope="module")
def visitors(once):
    return once(company.everybody)


def test_every_operation_has_an_entry_in_the_table(app):
    missing = []
    for door in asking.doors():
        known = expected.EVERYBODY | expected.SIGNED_IN | expected.TOKENS
        if door.endpoint in known or door.realm:
            continue
        try:
            exported = door.endpoint.endswith(".export")  # not every list may be taken away
            if not expected.roles_for(door.endpoint, door.action) and not exported:
                missing.append(f"{door}: nobody may")
        except KeyError:
            missing.append(f"{door}: no entry")
    assert missing == []


def test_every_entry_of_the_table_is_an_operation(app):
    known = {door.endpoint for door in asking.doors()}
    assert expected.EVERYBODY | expected.SIGNED_IN | expected.TOKENS | set(expected.PAGES) <= known


def test_a_sample_of_doors_answers_as_the_table_says(app, visitors):
    drawn = random.Random(SEED)
    doors = [door for door in asking.doors() if door.endpoint not in judging.UNASKED]
    pairs = [(drawn.choice(doors), drawn.choice(visitors())) for _ in range(DRAWN)]
    faults = [fault for door, visitor in pairs if (fault := judging.fault(door, visitor))]
    assert not faults, "\n".join(faults)
