"""What each side learns of the other, and when."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.contact import phone_visible
from app.domain.states import OrderStatus
from app.services.dispatch import answering
from app.services.transactions import transaction
from tests import factories
from tests.conftest import NOW
from tests.kit import clients

C, W = "/api/customer/v1", "/api/worker/v1"
CONTACT = "12810000000"  # of the factories' address


@pytest.fixture
def accepted(scene):
    answering.accept_offer(scene.offer.id, scene.worker.id, actor=factories.acting(scene.worker))
    return scene


def test_an_offer_tells_neither_name_nor_phone_nor_house(scene, callers):
    text = callers["worker"].get(f"{W}/offers").text
    assert scene.order.number in text
    for secret in (CONTACT, "林女士", "人民北路", str(scene.order.lat), scene.order.customer.phone):
        assert secret not in text


def test_a_visit_is_nothing_to_see_before_it_is_accepted(scene, callers):
    assert callers["worker"].get(f"{W}/visits/{scene.visit.id}").status_code == 404
    order = callers["customer"].get(f"{C}/orders/{scene.order.number}").json
    assert (order["worker"], order["visits"][0]["code"]) == (None, None)


def test_from_the_acceptance_on_both_may_call(accepted, callers):
    visit = callers["worker"].get(f"{W}/visits/{accepted.visit.id}").json
    order = callers["customer"].get(f"{C}/orders/{accepted.order.number}").json
    assert visit["address"]["contact_phone"] == CONTACT
    assert order["worker"]["phone"] == accepted.worker.account.phone
    assert len(order["visits"][0]["code"]) == 4


def test_a_day_after_the_end_nobody_may(accepted, clock):
    with transaction() as session:
        order = session.merge(accepted.order)
        order.status, order.completed_at = "completed", clock.now()
    for hours, visible in ((23, True), (24, False)):
        clock.instant = NOW + timedelta(hours=hours)
        worker: Any = clients.with_token(clients.worker_token(accepted.worker))
        customer: Any = clients.with_token(clients.customer_token(accepted.company.customer))
        visit = worker.get(f"{W}/visits/{accepted.visit.id}").json
        order = customer.get(f"{C}/orders/{accepted.order.number}").json
        shown = visit["address"]["contact_phone"]
        assert shown == (CONTACT if visible else "128****0000")
        assert (order["worker"]["phone"] is not None) is visible


@pytest.mark.parametrize("status", list(OrderStatus))
def test_a_phone_is_visible_exactly_while_it_is_needed(status):
    ended = NOW if status == "completed" else None
    assert phone_visible(status, ended, NOW) == (
        status in {
            "accepted", "en_route", "in_service", "pending_confirm", "exception", "completed",
        }
    )  # fmt: skip
