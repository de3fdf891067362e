"""Plans by program: the office prices, looks, makes, changes and puts dates back for a customer."""

import pytest

from app.extensions import db
from app.models import ServicePlan
from tests import factories
from tests.kit import clients
from tests.plans.support import occurrence, plan

pytestmark = pytest.mark.backends("sqlite")
BASE = "/api/staff/v1"
FRIDAYS = {"repeats": {"kind": "weekly", "weekdays": ["FR"]}, "start": "10:00"}


@pytest.fixture
def company(app):
    company = factories.company()
    factories.worker(company, days=40)
    return company


@pytest.fixture
def service(company):
    return clients.by_token(clients.add_staff("service"))


def test_a_plan_is_priced_looked_at_and_made_for_a_customer(company, service):
    base = f"{BASE}/customers/{company.customer.id}"
    items = [{"service_id": company.cleaning.id, "quantity": 2}]

    quote = service.post(f"{base}/quote", json={"address_id": company.address.id, "items": items})
    assert (quote.status_code, quote.json["total_fen"]) == (200, 39_800)
    wish = {**FRIDAYS, "quote_number": quote.json["number"], "starts_on": "2030-05-06"}
    shown = service.post(f"{base}/plan-preview", json=wish).json
    assert [day["total_fen"] for day in shown["dates"][:2]] == [39_800, 39_800]
    made = service.post(
        f"{base}/make-plan",
        json={**wish, "hash": shown["hash"], "choices": [{"on": "2030-05-10", "action": "skip"}]},
    )

    row = db.session.get_one(ServicePlan, made.json["id"])
    assert (row.number, row.customer_id) == (made.json["number"], company.customer.id)
    assert service.post(f"{base}/make-plan", json={**wish, "hash": "0" * 64}).status_code == 422


def test_a_plan_is_changed_and_its_dates_left_out_and_put_back(company, service):
    row = plan(company)
    base, on = f"{BASE}/plans/{row.id}", {"on": "2030-05-16"}
    shown = service.post(f"{base}/change-preview", json={**FRIDAYS, **on})
    assert next(one["on"] for one in shown.json["ended"]["dates"]) == "2030-05-16"

    made = service.post(f"{base}/change", json={**FRIDAYS, **on, "hash": shown.json["hash"]})
    assert (made.status_code, made.json["status"]) == (200, "active")
    new = db.session.get_one(ServicePlan, made.json["id"])
    assert new.follows_id == row.id
    one = occurrence(row)
    for verb, status in (("skip", "skipped"), ("put-back", "planned")):
        assert service.post(f"{BASE}/plan-occurrences/{one.id}/{verb}", json={}).status_code == 200
        assert occurrence(row).status == status


def test_who_does_not_serve_customers_makes_no_plan(company):
    finance = clients.by_token(clients.add_staff("finance"))

    made = plan(company).id
    for address in (f"customers/{company.customer.id}/make-plan", f"plans/{made}/change"):
        assert finance.post(f"{BASE}/{address}", json={}).status_code == 403
