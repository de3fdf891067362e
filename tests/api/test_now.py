"""A visit for now: from the positions of those who are idle to the offer that waits minutes."""

from datetime import timedelta

import pytest

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import Offer, Order
from app.services.dispatch import dispatching
from app.services.orders import ordering, paying
from app.services.transactions import transaction
from tests import factories
from tests.api.support import assert_error
from tests.kit import clients

pytestmark = pytest.mark.backends("sqlite")
C, W = "/api/customer/v1", "/api/worker/v1"


def test_who_is_near_is_held_and_asked_for_two_minutes(company, customer_client, clock):
    near, far = factories.worker(company, home=factories.NEARBY), factories.worker(company)
    customer = customer_client(company.customer)
    quote = factories.quote(company)
    now = f"{C}/quotes/{quote.number}/now"
    assert customer.get(now).json["reason"] == "nobody_near"
    lat, lng = factories.NEARBY
    for worker, away in ((near, 0.001), (far, 0.3)):
        body = {"position": {"lat": lat + away, "lng": lng, "datum": "gcj02"}, "accuracy_m": 20}
        client = clients.with_token(clients.worker_token(worker))
        assert client.post(f"{W}/position", json=body).status_code == 204

    slot = customer.get(now).json["slots"][0]
    held = customer.post(
        f"{C}/holds",
        json={"quote_number": quote.number, "starts_at": slot["starts_at"], "instant": True},
    ).json
    order = ordering.create_order(
        company.customer.id, held["number"], held["quote_hash"], actor=SYSTEM
    )
    with transaction() as session:
        paying.order_paid(session, order, actor=SYSTEM)
    dispatching.dispatch_order(order.id, actor=SYSTEM)

    assert (slot["workers"], held["instant"]) == (1, True)
    (offer,) = db.session.query(Offer)
    assert offer.worker_id == near.id
    assert offer.expires_at == clock.now() + timedelta(minutes=2)
    assert db.session.query(Order).one().status == "offered"


def test_a_position_that_is_old_counts_no_more(company, customer_client, clock):
    worker = factories.worker(company)
    customer, quote = customer_client(company.customer), factories.quote(company)
    lat, lng = factories.NEARBY
    body = {"position": {"lat": lat, "lng": lng, "datum": "gcj02"}}
    client = clients.with_token(clients.worker_token(worker))
    client.post(f"{W}/position", json=body)
    slot = customer.get(f"{C}/quotes/{quote.number}/now").json["slots"][-1]
    clock.travel(timedelta(minutes=16))

    told = customer.get(f"{C}/quotes/{quote.number}/now").json
    refused = customer.post(
        f"{C}/holds",
        json={"quote_number": quote.number, "starts_at": slot["starts_at"], "instant": True},
    )

    assert (told["slots"], told["reason"]) == ([], "nobody_near")
    assert {one["reason"] for one in told["withheld"]} == {"nobody_near"}
    assert_error(refused, 409, "slot_taken")
