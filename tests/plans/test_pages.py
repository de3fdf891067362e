"""The office makes and changes plans: what the page showed is what is done."""

import re

import pytest

from app.extensions import db
from app.models import ServicePlan
from app.services.plans import ahead
from tests import factories
from tests.plans.support import THURSDAY, at, dates, occurrence, plan

pytestmark = pytest.mark.backends("sqlite")
HIDDEN = re.compile(r'name="(quote|shown)"[^>]*value="([^"]+)"')


@pytest.fixture
def company(app):
    company = factories.company()
    factories.worker(company, days=40)
    return company


def typed(company, **more):
    return {
        "address": company.address.id, "service": [company.cleaning.id, company.aircon.id],
        f"option-{company.eco.group_id}": company.eco.id, "kind": "weekly", "weekdays": "3",
        "starts_on": "2030-05-06", "start": "14:00", "on_holidays": "skip", **more,
    }  # fmt: skip


def test_a_plan_is_looked_at_and_then_made_as_it_was_chosen(company, staff_client):
    client = staff_client("service")
    client.get("/lang/en")
    first = client.get("/plans/make")
    assert "Next" in first.text
    url = f"/plans/make?customer={company.customer.id}"

    looked = client.post(url, data=typed(company)).text
    assert looked.count("Checked when it comes near") >= 1
    assert "¥334.00" in looked
    hidden = dict(HIDDEN.findall(looked))
    other = at(THURSDAY, 9).isoformat()
    made = client.post(
        url,
        data=typed(company, **hidden, make="1")
        | {f"on-{THURSDAY}": other, "on-2030-05-16": "skip"},
    )

    assert made.status_code == 302, made.text
    row = db.session.scalars(db.select(ServicePlan)).one()
    assert dates(row)[:2] == [("05-09", "planned", ""), ("05-16", "skipped", "by_customer")]
    assert occurrence(row).starts_at == at(THURSDAY, 9)
    assert [(one["service_id"], len(one["options"])) for one in row.request["items"]] == [
        (company.cleaning.id, 1), (company.aircon.id, 0),
    ]  # fmt: skip
    page = client.get(made.headers["Location"]).text
    assert "Plan made" in page


def test_a_plan_that_is_not_offered_is_said_at_the_form(company, staff_client):
    url = f"/plans/make?customer={company.customer.id}"
    client = staff_client("service")
    client.get("/lang/en")

    answer = client.post(url, data=typed(company, weekdays=[]))

    assert answer.status_code == 422
    assert "This way of repeating is not offered" in answer.text
    assert db.session.scalars(db.select(ServicePlan)).all() == []


def test_the_office_pauses_shifts_and_cancels(company, staff_client):
    row = plan(company)
    client = staff_client("dispatcher")
    client.post(f"/plans/action/pause/{row.id}", data={"reason": "出国", "until": "2030-06-01"})
    assert (row.status, row.paused_until.isoformat()) == ("paused", "2030-06-01")
    client.post(f"/plans/action/resume/{row.id}")
    one = occurrence(row)

    data = {"starts_at": "2030-05-09T09:00"}
    client.post(f"/plan-dates/action/shift/{one.id}", data=data)
    assert occurrence(row).starts_at == at(THURSDAY, 9)
    client.post(f"/plan-dates/action/skip/{one.id}", data={"reason": "不在家"})
    assert dates(row)[0] == ("05-09", "skipped", "不在家")

    url = f"/plans/cancellation/{row.id}?scope=later&on=2030-05-23"
    shown = dict(HIDDEN.findall(client.get(url).text))["shown"]
    client.post(url, data={"shown": shown, "reason": "搬家"})
    assert [status for _day, status, _reason in dates(row)] == [
        "skipped", "planned", "cancelled", "cancelled",
    ]  # fmt: skip


def test_finance_reads_plans_and_changes_none(company, staff_client):
    row = plan(company)
    client = staff_client("finance")

    assert client.get(f"/plans/show/{row.id}").status_code == 200
    client.post(f"/plans/action/pause/{row.id}", data={"reason": "出国"})
    assert client.get("/plans/make").status_code in (302, 403)

    assert row.status == "active"


def test_the_office_changes_this_and_later_dates_as_the_page_showed(company, staff_client):
    row = plan(company)
    ahead.run()
    client = staff_client("service")
    url = f"/plans/changing/{row.id}?on=2030-05-16"
    page = client.get(url).text
    assert 'value="14:00"' in page
    assert page.count('name="service" value="1" checked') == 1
    asked = typed(company, weekdays="4", start="10:00", starts_on="2030-05-16") | {
        f"many-{company.cleaning.id}": "2", "party": "customer", "reason": "换到周五",
    }  # fmt: skip
    none = client.post(url, data={**asked, "service": []})
    assert "请选择一至十项服务" in none.text

    looked = client.post(url, data=asked)
    assert looked.status_code == 200
    shown = dict(HIDDEN.findall(looked.text))["shown"]
    assert row.status == "active"
    done = client.post(url, data={**asked, "shown": shown, "make": "1", "on-2030-05-17": "skip"})

    new = db.session.scalars(db.select(ServicePlan).filter_by(follows_id=row.id)).one()
    assert done.location.endswith(f"/plans/show/{new.id}")
    assert (new.rrule, new.start_minute) == ("FREQ=WEEKLY;BYDAY=FR", 600)
    assert [item["quantity"] for item in new.request["items"]] == [2, 1]
    assert [status for _day, status, _reason in dates(row)] == ["ordered", *["cancelled"] * 3]
    assert dates(new)[:2] == [("05-17", "skipped", "by_customer"), ("05-24", "planned", "")]


def test_a_date_with_an_order_is_cancelled_on_the_page_that_shows_what_it_costs(
    company, staff_client
):
    row = plan(company)
    ahead.run()
    one = occurrence(row)
    client = staff_client("service")

    answer = client.post(f"/plan-dates/action/cancel/{one.id}")

    assert answer.location.endswith(f"/plans/cancellation/{row.id}?scope=this&on=2030-05-09")
    shown = dict(HIDDEN.findall(client.get(answer.location).text))["shown"]
    client.post(answer.location, data={"shown": shown, "reason": "不在家"})
    assert (occurrence(row).status, occurrence(row).order.status) == ("cancelled", "cancelled")


def test_the_page_of_a_date_tells_other_times_and_what_they_cost(company, staff_client):
    row = plan(company)

    page = staff_client("service").get(f"/plan-dates/show/{occurrence(row).id}").text

    assert "2030-05-09 14:30" in page
    assert page.count("¥199.00") == 4
