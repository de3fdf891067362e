"""Cancelling and giving back on the order's page: what is shown is what is done."""

import re

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.models import Cancellation, Refund
from tests import factories
from tests.kit.clients import add_staff, by_token
from tests.money.support import again, count, order, pay, put

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
    page = client.get(f"/orders/show/{key}").text
    # What does harm stands last.
    assert page.index("/action/cancel/") > page.index("/ask/reveal/") > page.index("/ask/refund/")
    assert "At most ¥100.00." in client.get(f"/orders/ask/refund/{key}").text
    typed = {"amount_fen": "0", "reason": "少做"}
    refused = client.post(f"/orders/action/refund/{key}", data=typed)
    assert (refused.status_code, "Must be above zero" in refused.text) == (422, True)
    typed["amount_fen"] = "30.00"
    page = client.post(f"/orders/action/refund/{key}", data=typed, follow_redirects=True).text

    assert f"¥30.00 goes back for order {paid.number}" in page
    assert count(Refund) == 1
    assert again(paid).due_fen == 7_000
    assert staff_client("finance").get(f"/orders/cancellation/{key}").status_code in (302, 403)


def test_a_compensation_is_shown_with_its_arithmetic_and_done_exactly_so(paid, staff_client):
    put(paid, due_fen=15_000, total_fen=15_000)
    put(paid.lines[0], amount_fen=15_000)
    client, path = staff_client("service"), f"/orders/compensation/{paid.id}"
    typed = {"amount_fen": "180.00", "reason": "地板被刮花"}
    assert "¥50.00" in client.get(path).text  # still owed

    page = client.post(path, data=typed).text

    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    assert [re.sub("<.*?>", "", fen) for _name, fen in facts] == [
        "¥180.00", "¥50.00", "¥50.00", "¥0.00", "¥100.00", "¥30.00",
    ]  # fmt: skip
    shown = re.search(r'name="shown"[^>]*value="([0-9a-f]{64})"', page)
    other = {**typed, "amount_fen": "170.00", "shown": shown[1]}
    assert client.post(path, data=other).status_code == 200
    assert count(Refund) == 0
    assert client.post(path, data={**typed, "shown": shown[1]}).status_code == 302
    rows = db.session.scalars(sa.select(Refund).order_by(Refund.id)).all()
    assert [(one.kind, one.amount_fen, one.status) for one in rows] == [
        ("compensation", 10_000, "requested"),
        ("set_off", 5_000, "requested"),
        ("goodwill", 3_000, "requested"),
    ]
    assert staff_client("hr").get(path).status_code in (302, 403)


def test_the_api_shows_it_and_holds_to_it(paid, staff_client):
    client, path = by_token(add_staff("service")), f"/api/staff/v1/orders/{paid.id}"
    shown = client.post(f"{path}/compensation", json={"amount_fen": 12_000}).json
    assert (shown["set_off_fen"], shown["through_fen"], shown["by_hand_fen"]) == (0, 10_000, 2_000)
    asked = {"amount_fen": 12_000, "reason": "地板被刮花", "hash": shown["hash"]}
    put(paid, due_fen=11_000, total_fen=11_000)

    refused = client.post(f"{path}/compensate", json=asked)

    error = refused.json["error"]
    assert (refused.status_code, error["code"]) == (422, "changed_since_shown")
    assert error["details"]["set_off_fen"] == 1_000
    assert count(Refund) == 0
