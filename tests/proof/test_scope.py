"""Everything that each role of a branch, and an agency's login, can read: nothing of others."""

import pytest

from app.domain.actors import Actor
from app.security import ROLES
from tests.permissions import branches, reaching

pytestmark = [pytest.mark.proof, pytest.mark.backends("sqlite")]


@pytest.fixture(scope="module")
def built(once):
    return once(branches.build)


@pytest.mark.parametrize("role", ROLES)
def test_no_address_tells_anything_of_another_branch(app, built, role):
    two = built()
    user = two.staff(role)
    actor = Actor("staff", user.id)
    foreign = branches.out_of_reach(actor)
    assert {two.home.completed.number, two.home.lead.name} <= foreign
    looks = reaching.looks(role, actor)
    assert len(looks) > 20
    assert reaching.told(looks, user, foreign) == {}
