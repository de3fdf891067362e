"""Changing an order before acceptance on its page: the price first, then exactly that."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import OrderEdit, Quote, Refund, WorkerBusy
from app.services import clock
from app.services.dispatch import dispatching
from app.services.roster import blocking
from tests import factories
from tests.kit.clients import add_staff, by_token
from tests.money.support import again, count, pay

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def case(app):
    company = factories.company()
    factories.worker(company)
    company.order = factories.order(company)
    pay(company.order)
    return company


def typed(case, *services, options=(), **more):
    row = again(case.order)
    return {
        "address": case.address.id,
        "service": [service.id for service in services or (case.cleaning,)],
        "option": [option.id for option in options],
        "starts_at": f"{clock.city_time(row.planned_start):%Y-%m-%dT%H:%M}",
        "coupon": "",
        "note": row.note,
        **more,
    }


def shown_on(page) -> dict[str, str]:
    """The figures, and the hash of what the page tells."""
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    told = {name: re.sub("<.*?>", "", figure) for name, figure in facts}
    (told["hash"],) = re.findall(r'name="shown"[^>]*value="([0-9a-f]{64})"', page)
    return told


def test_dearer_is_shown_then_waits_for_the_difference(case, staff_client):
    client, path = staff_client("service"), f"/orders/changing/{case.order.id}"
    first = client.get(path).text
    assert re.search(rf'name="service" value="{case.cleaning.id}" checked', first)
    wish = typed(case, options=[case.eco])

    page = client.post(path, data=wish).text

    told = shown_on(page)
    figures = ("Price until now", "New price", "Dearer by", "To be paid")
    assert [told[name] for name in figures] == ["¥199.00", "¥214.00", "¥15.00", "¥15.00"]
    assert (count(Quote), count(OrderEdit), again(case.order).due_fen) == (1, 0, 19_900)
    other = typed(case, case.aircon, shown=told["hash"])
    assert "Nothing is changed yet" in client.post(path, data=other).text
    assert (count(OrderEdit), again(case.order).total_fen) == (0, 19_900)
    done = client.post(path, data={**wish, "shown": told["hash"]}, follow_redirects=True).text
    assert "when the customer has paid ¥15.00 more" in done
    assert (again(case.order).due_fen, again(case.order).supplement_fen) == (19_900, 1_500)
    assert pay(case.order).amount_fen == 1_500
    assert again(case.order).due_fen == 21_400


def test_cheaper_at_another_time_gives_the_difference_back(case, staff_client):
    client, path = staff_client("dispatcher"), f"/orders/changing/{case.order.id}"
    at = case.order.planned_start + timedelta(hours=2)
    wish = typed(case, case.aircon, note="带梯子")
    wish["starts_at"] = f"{clock.city_time(at):%Y-%m-%dT%H:%M}"
    told = shown_on(client.post(path, data=wish).text)
    assert (told["Cheaper by"], told["To be paid"], told["Comes back"]) == (
        "¥79.00", "¥0.00", "¥79.00",
    )  # fmt: skip

    done = client.post(path, data={**wish, "shown": told["hash"]}, follow_redirects=True).text

    row = again(case.order)
    assert "¥79.00 goes back" in done
    assert f"New time: {clock.city_time(at):%Y-%m-%d %H:%M} · Price ¥199.00, now ¥120.00" in done
    assert (row.due_fen, row.planned_start, row.note) == (12_000, at, "带梯子")
    assert [one.amount_fen for one in db.session.scalars(sa.select(Refund))] == [7_900]
    claims = db.session.scalars(sa.select(WorkerBusy.visit_start_at).filter_by(owner=row.owner))
    assert claims.all() == [at]


def test_only_a_note_keeps_price_offers_and_time(case, staff_client):
    factories.change(case.cleaning, price_fen=25_000)
    factories.change(case.address, archived=True)
    dispatching.dispatch_order(case.order.id, actor=factories.acting(case.customer))
    client, path = staff_client("service"), f"/orders/changing/{case.order.id}"
    wish = typed(case, note="家里有猫")
    assert f'name="address" value="{case.address.id}" checked' in client.get(path).text

    told = shown_on(client.post(path, data=wish).text)
    assert told["To be paid"] == "¥0.00"
    page = client.post(path, data={**wish, "shown": told["hash"]}, follow_redirects=True).text

    row = again(case.order)
    assert "The special requirements were changed" in page
    assert (row.note, row.due_fen, row.status, count(Quote)) == ("家里有猫", 19_900, "offered", 1)


def test_what_is_refused_is_refused_before_it_is_confirmed(case, staff_client):
    client, path = staff_client("service"), f"/orders/changing/{case.order.id}"
    at = f"{clock.city_time(case.order.planned_start + timedelta(hours=3)):%Y-%m-%dT%H:%M}"
    (worker_id,) = db.session.scalars(sa.select(WorkerBusy.worker_id))
    start = case.order.planned_start + timedelta(hours=3)
    blocking.block_time(worker_id, start, start + timedelta(hours=1), actor=SYSTEM)

    for wish, said in (
        (typed(case, starts_at=at), "This time was just taken"),
        (typed(case, starts_at=at[:11] + "03:10"), "This time is not offered"),
        (typed(case, service=[]), "Choose one to ten services"),
        (typed(case, coupon="KEINER"), "You have no such coupon"),
    ):
        page = client.post(path, data=wish)
        assert (page.status_code, said in page.text) == (422, True), said
    assert "Free then:" in client.post(path, data=typed(case, starts_at=at)).text
    assert staff_client("hr").get(path).status_code in (302, 403)
    assert again(case.order).planned_start == case.order.planned_start


def test_the_api_shows_the_same_and_holds_to_it(case):
    client, path = by_token(add_staff("service")), f"/api/staff/v1/orders/{case.order.id}"
    body = {
        "address_id": case.address.id,
        "items": [{"service_id": case.cleaning.id, "options": [{"option_id": case.eco.id}]}],
        "starts_at": case.order.planned_start.isoformat(),
    }
    shown = client.post(f"{path}/change-preview", json=body).json
    assert (shown["difference_fen"], shown["to_pay_fen"], shown["back_fen"]) == (1_500, 1_500, 0)
    assert [line["amount_fen"] for line in shown["lines"]] == [19_900, 1_500]
    factories.change(case.eco, price_fen=2_500)

    refused = client.post(f"{path}/change", json={**body, "hash": shown["hash"]})

    error = refused.json["error"]
    assert (refused.status_code, error["code"]) == (422, "changed_since_shown")
    assert error["details"]["difference_fen"] == 2_500
    assert count(OrderEdit) == 0
    again_shown = client.post(f"{path}/change-preview", json=body).json["hash"]
    assert client.post(f"{path}/change", json={**body, "hash": again_shown}).status_code == 200
    assert again(case.order).supplement_fen == 2_500
