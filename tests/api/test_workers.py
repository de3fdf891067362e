"""Workers to choose from, favourites, and a booking with the one who was asked for."""

import io
from datetime import date, timedelta

import pytest
from flask import current_app
from PIL import Image

from app.domain.actors import SYSTEM
from app.domain.errors import NotFound
from app.extensions import db
from app.models import BlockedPair, Experience, Offer, SkillRequirement, Worker, WorkerArea
from app.services import clock
from app.services.dispatch import dispatching
from app.services.orders import ordering, paying
from app.services.roster import claims
from app.services.system import parameters
from app.services.transactions import transaction
from app.services.workers import approval
from tests import factories
from tests.api.support import assert_error
from tests.gateways.test_files import rotated

C = "/api/customer/v1"


@pytest.fixture
def customer(company, customer_client):
    return customer_client(company.customer)


@pytest.fixture
def crew(company):
    return [
        factories.worker(company, name="陈小明", level=2),
        factories.worker(company, name="林秀英", level=4, introduction="十年经验"),
    ]


def numbers(answer):
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json["items"]]


def test_a_profile_tells_what_anybody_may_see(company, customer, crew):
    factories.save(
        Experience(
            worker_id=crew[1].id, employer="某公司", work="保洁",
            started_on=clock.today() - timedelta(days=3 * 365 + 2), ended_on=None,
        )
    )  # fmt: skip

    profile = customer.get(f"{C}/workers/{crew[1].number}").json

    assert profile == {
        "number": crew[1].number, "name": "林**", "level": 4, "introduction": "十年经验",
        "avatar_color": "#0f766e", "photo": None, "rating": None, "rating_count": 0, "years": 3,
        "skills": [{"code": company.skill.code, "name": company.skill.name, "level": 4}],
        "favourite": False,
    }  # fmt: skip
    parameters.set_parameter("workers.full_names", True, actor=SYSTEM)
    assert customer.get(f"{C}/workers/{crew[1].number}").json["name"] == "林秀英"


def test_the_office_shows_a_picture_and_it_tells_nothing_else(customer, crew, staff_client):
    """Upright and small, whatever was sent; who may not see her does not see it either."""
    hr, mine = staff_client("hr"), f"{C}/workers/{crew[1].number}"
    assert_error(customer.get(f"{mine}/photo"), 404)

    def send(content, name="她.jpg"):
        file = (io.BytesIO(content), name)
        return hr.post(f"/workerview/action/change_photo/{crew[1].id}", data={"file": file})

    assert send(b"<svg onload=alert(1)>").status_code == 422
    assert customer.get(mine).json["photo"] is None
    assert send(rotated(6)).status_code == 302
    first = customer.get(mine).json["photo"]
    shown = customer.get(first, buffered=True)
    assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    with Image.open(io.BytesIO(shown.data)) as image:
        assert (image.format, dict(image.getexif())) == ("JPEG", {})
    assert f"/workerview/photo/{crew[1].id}" in hr.get(f"/workerview/show/{crew[1].id}").text
    assert hr.get(f"/workerview/photo/{crew[1].id}", buffered=True).data == shown.data

    before = db.session.get_one(Worker, crew[1].id).photo_key
    send(rotated(3))
    assert customer.get(mine).json["photo"] != first
    with pytest.raises(NotFound):
        current_app.extensions["gateways"].storage.open(before)
    approval.suspend(crew[1].id, "投诉", actor=SYSTEM)
    assert_error(customer.get(first), 404)
    hr.post(f"/workerview/action/remove_photo/{crew[1].id}")
    assert db.session.get_one(Worker, crew[1].id).photo_key is None


def test_who_can_do_the_service_at_the_address_is_listed(company, customer, crew):
    elsewhere = factories.worker(company, name="何玉")
    apart = factories.worker(company, name="郭强")
    factories.worker(company, name="罗平", status="suspended")
    with transaction() as session:
        session.query(SkillRequirement).update({"level": 3})
        session.query(WorkerArea).filter_by(worker_id=elsewhere.id).delete()
        session.add(
            BlockedPair(customer_id=company.customer.id, worker_id=apart.id, asked_by="worker")
        )
    service, address = company.cleaning.code, company.address.id

    assert numbers(customer.get(f"{C}/workers")) == [
        crew[1].number, elsewhere.number, crew[0].number,
    ]  # fmt: skip
    assert numbers(customer.get(f"{C}/workers?service={service}&address_id={address}")) == [
        crew[1].number
    ]
    first = customer.get(f"{C}/workers?limit=1").json
    rest = customer.get(f"{C}/workers?cursor={first['next_cursor']}")
    assert numbers(rest) == [elsewhere.number, crew[0].number]
    assert customer.get(f"{C}/workers/{apart.number}").status_code == 404
    assert customer.get(f"{C}/workers?address_id=999999").status_code == 404
    assert customer.get(f"{C}/workers?service=nothing").status_code == 404


def test_a_favourite_is_kept_once_and_taken_off(company, customer, crew):
    kept = customer.post(f"{C}/favourites", json={"worker": crew[0].number})
    again = customer.post(f"{C}/favourites", json={"worker": crew[0].number})
    service = customer.post(f"{C}/favourites", json={"service": company.cleaning.code})

    assert (kept.status_code, again.json["id"]) == (201, kept.json["id"])
    listed = customer.get(f"{C}/favourites").json["items"]
    assert [row["id"] for row in listed] == [service.json["id"], kept.json["id"]]
    assert listed[0]["service"]["code"] == company.cleaning.code
    assert (listed[1]["worker"]["number"], listed[1]["worker"]["favourite"]) == (
        crew[0].number, True,
    )  # fmt: skip
    assert customer.post(f"{C}/favourites", json={}).status_code == 400
    assert customer.delete(f"{C}/favourites/{kept.json['id']}").status_code == 204
    assert customer.delete(f"{C}/favourites/{kept.json['id']}").status_code == 404
    assert len(customer.get(f"{C}/favourites").json["items"]) == 1


def test_a_favourite_who_works_here_no_more_is_told_without_her_profile(company, customer, crew):
    customer.post(f"{C}/favourites", json={"worker": crew[0].number})
    with transaction():
        crew[0].status = "left"

    (row,) = customer.get(f"{C}/favourites").json["items"]

    assert row["worker"] is None


def test_who_was_asked_for_is_held_and_gets_the_offer(company, customer, crew):
    worse = crew[0]
    quote = factories.quote(company)
    body = {"quote_number": quote.number, "starts_at": factories.tomorrow(10).isoformat()}
    held = customer.post(f"{C}/holds", json={**body, "worker": worse.number}).json

    order = ordering.create_order(
        company.customer.id, held["number"], held["quote_hash"], actor=SYSTEM
    )
    with transaction() as session:
        paying.order_paid(session, order, actor=SYSTEM)
    assert claims.claimed_workers(order.owner) == [worse.id]

    dispatching.dispatch_order(order.id, actor=SYSTEM)

    assert [offer.worker_id for offer in db.session.query(Offer)] == [worse.id]


def test_the_refusal_says_that_she_cannot_come_and_why(company, customer, crew):
    noon = factories.tomorrow(12)
    with transaction():
        claims.block(crew[0].id, noon, noon + timedelta(hours=2), kind="blocked", owner="blocked:1")
    quote = factories.quote(company)
    day = date.fromisoformat("2030-05-07")

    path = f"{C}/quotes/{quote.number}/slots?from={day}&to={day}&worker={crew[0].number}"
    (told,) = customer.get(path, headers={"Accept-Language": "en"}).json["days"]
    refused = customer.post(
        f"{C}/holds",
        json={"quote_number": quote.number, "starts_at": noon.isoformat(),
              "worker": crew[0].number},
        headers={"Accept-Language": "en"},
    )  # fmt: skip

    reasons = {one["starts_at"]: one["reason_text"] for one in told["withheld"]}
    assert reasons["2030-05-07T08:00:00+08:00"] == "Not on duty at these hours"
    assert reasons["2030-05-07T12:00:00+08:00"] == "Fully booked"
    error = refused.json["error"]
    assert (refused.status_code, error["code"]) == (409, "slot_taken")
    assert error["message"].startswith("The worker you asked for cannot come then")
    assert (error["details"]["reason"], error["details"]["wished"]) == ("time_taken", True)
    near = error["details"]["alternatives"][0]
    assert (near["starts_at"][-6:], near["total_fen"]) == ("+08:00", 19_900)
