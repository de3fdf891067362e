"""Trap 18 of FAB: who is signed in must not leak from one request of a test to the next."""

import pytest


@pytest.mark.backends("sqlite")
def test_the_next_visitor_is_not_the_one_before(client, staff_client):
    assert staff_client("hr").get("/workerview/list/").status_code == 200
    assert client.get("/workerview/list/").status_code == 302
    assert staff_client("finance").get("/workerview/list/").status_code in {302, 403}
