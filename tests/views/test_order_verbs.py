"""Cancelling and giving back on the order's page: what is shown is what is done."""

import re

import pytest

from app.models import Cancellation, Refund
from tests import factories
from tests.money.support import again, count, order, pay

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def paid(app):
    row = order(factories.company(), 10_000)
    pay(row)
    return row


def test_the_page_shows_the_arithmetic_and_cancels_exactly_that(paid, staff_client):
    client, key = staff_client("operations"), paid.id
    page = client.get(f"/orders/cancellation/{key}").text
    shown = re.search(r'name="shown"[^>]*value="([0-9a-f]{64})"', page)
    assert "¥100.00" in page
    assert shown is not None
    typed = {"reason": "客户来电", "reason_code": "changed_mind", "shown": "0" * 64}

    assert client.post(f"/orders/cancellation/{key}", data=typed).status_code == 422
    assert (again(paid).status, count(Cancellation)) == ("pending_dispatch", 0)
    done = client.post(f"/orders/cancellation/{key}", data={**typed, "shown": shown[1]})

    assert done.status_code == 302
    assert (again(paid).status, count(Cancellation)) == ("cancelled", 1)


def test_customer_service_gives_money_back_and_finance_does_not_cancel(paid, staff_client):
    client, key = staff_client("service"), paid.id
    typed = {"amount_fen": "30.00", "reason": "少做"}
    page = client.post(f"/orders/action/refund/{key}", data=typed, follow_redirects=True).text

    assert f"¥30.00 goes back for order {paid.number}" in page
    assert count(Refund) == 1
    assert again(paid).due_fen == 7_000
    assert staff_client("finance").get(f"/orders/cancellation/{key}").status_code in (302, 403)
