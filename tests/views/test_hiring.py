"""From an application to somebody who can be sent, on HR's screens alone."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.geo import Point
from app.extensions import db
from app.models import Branch, Partner, Worker, WorkerDocument
from app.services import clock
from app.services.roster import slots
from app.services.workers import documents, hiring
from tests import factories
from tests.kit.clients import add_staff
from tests.kit.rivals import at_once

HOME = Point(23.1291, 113.2644)
FORM = {
    "name": "陈新", "phone": "138 0013 8000", "kind": "contract", "level": 2,
    "home_lat": "23.1291", "home_lng": "113.2644", "daily_cap": 4, "radius_km": "",
}  # fmt: skip


@pytest.fixture
def hr(app):
    return Actor("staff", add_staff("hr").id)


@pytest.fixture
def other(app):
    return factories.save(Branch(code="other", name="Other branch", city_code="440300"))


@pytest.mark.backends("sqlite")
def test_hr_adds_a_worker_and_leads_her_to_the_first_order(app, staff_client):
    company = factories.company()
    skill, area, branch = company.skill.id, company.area.id, company.branch.id
    client = staff_client("hr")

    def post(url, **data):
        answer = client.post(url, data=data)
        assert answer.status_code == 302, answer.text
        return answer

    nowhere = FORM | {"home_lat": "", "home_lng": ""}
    assert client.post("/workerview/add", data=nowhere | {"branch": branch}).status_code == 422
    post("/workerview/add", **nowhere, branch=branch, district=company.region.id)
    worker = db.session.scalars(sa.select(Worker)).one()
    key = worker.id
    assert (worker.number, worker.status, worker.name) == ("W000001", "applied", "陈新")
    assert (worker.account.phone, worker.account.phone_tail) == ("13800138000", "8000")
    until, today = clock.today() + timedelta(days=300), clock.today()
    for kind in ("id_card", "health"):
        post("/workerdocumentview/add", worker=key, kind=kind, number="4401", valid_to=until)
    for paper in db.session.scalars(sa.select(WorkerDocument.id)).all():
        post(f"/workerdocumentview/action/approve/{paper}")
    post("/workerskillview/add", worker=key, skill=skill, level=2, valid_from=today)
    post("/workerareaview/add", worker=key, area=area)
    hours = {"starts_at": factories.tomorrow(8), "ends_at": factories.tomorrow(20)}
    shown = {name: f"{clock.city_time(at):%Y-%m-%dT%H:%M}" for name, at in hours.items()}
    post("/shiftview/add", worker=key, **shown)
    for _ in range(3):
        post(f"/workerview/action/advance/{key}")
    post(f"/workerview/action/approve/{key}")

    assert db.session.get_one(Worker, key).status == "approved"
    day = clock.today() + timedelta(days=1)
    assert slots.free_times(factories.quote(company), branch, day, day)[0].slots


@pytest.mark.backends("sqlite")
def test_an_applicant_is_rejected_with_a_reason(app, staff_client):
    worker = factories.worker(factories.company(), status="applied", days=0)
    key = worker.id
    staff_client("hr").post(f"/workerview/action/reject/{key}", data={"reason": "no papers"})
    assert db.session.get_one(Worker, key).status == "rejected"


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("wrong", "status", "message"),
    [
        ({"phone": "12345"}, 422, "This is not a mobile number"),
        ({"kind": "partner"}, 422, "Say which partner supplies this worker"),
        ({"home_lat": "91"}, 422, "Number must be between"),
        ({"daily_cap": "0"}, 422, "Number must be between"),
        ({"level": ""}, 422, "This field is required"),
    ],
)
def test_what_does_not_fit_is_said_in_the_form(branch, staff_client, wrong, status, message):
    data = {**FORM, "branch": branch.id, **wrong}
    answer = staff_client("hr").post("/workerview/add", data=data)
    assert (answer.status_code, message in answer.text) == (status, True)
    assert db.session.scalar(sa.select(sa.func.count(Worker.id))) == 0


@pytest.mark.backends("sqlite")
def test_a_phone_belongs_to_one_worker(branch, staff_client):
    client = staff_client("hr")
    data = {**FORM, "branch": branch.id}
    assert client.post("/workerview/add", data=data).status_code == 302
    answer = client.post("/workerview/add", data=data)
    assert (answer.status_code, "A worker has this phone number already" in answer.text) == (
        409, True,
    )  # fmt: skip


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("role", ["dispatcher", "operations", "finance", "administrator"])
def test_only_hr_adds_workers(branch, staff_client, role):
    staff_client(role).post("/workerview/add", data={**FORM, "branch": branch.id})
    assert db.session.scalar(sa.select(sa.func.count(Worker.id))) == 0


def test_without_a_branch_it_is_the_actors(other):
    actor = Actor("staff", add_staff("hr", branch_id=other.id).id)
    worker = hiring.add_worker("陈新", "13800138000", HOME, actor=actor)
    assert worker.branch_id == other.id


def test_who_sees_all_branches_must_choose(hr, other):
    with pytest.raises(InvalidInput) as refusal:
        hiring.add_worker("陈新", "13800138000", HOME, actor=hr)
    assert refusal.value.details["field"] == "branch"


def test_nobody_adds_to_a_branch_outside_his_scope(branch, other):
    actor = Actor("staff", add_staff("hr", branch_id=other.id).id)
    with pytest.raises(NotFound):
        hiring.add_worker("陈新", "13800138000", HOME, branch_id=branch.id, actor=actor)


def test_a_partner_is_of_the_workers_branch(hr, branch, other):
    partner = factories.save(Partner(branch_id=other.id, code="P9", name="Agency"))
    supplied = {"kind": "partner", "partner_id": partner.id, "actor": hr}
    with pytest.raises(InvalidInput):
        hiring.add_worker("陈新", "13800138000", HOME, branch_id=branch.id, **supplied)
    worker = hiring.add_worker("陈新", "13800138000", HOME, branch_id=other.id, **supplied)
    assert worker.partner_id == partner.id


def test_numbers_go_on_after_the_highest(hr):
    company = factories.company()
    highest = factories.worker(company, days=0).number
    added = hiring.add_worker("陈新", "13800138000", HOME, branch_id=company.branch.id, actor=hr)
    assert int(added.number[1:]) == int(highest[1:]) + 1


def test_workers_who_are_added_at_once_get_different_numbers(real_app):
    with real_app.app_context():
        actor = Actor("staff", add_staff("hr").id)

    def call(n):
        return lambda: hiring.add_worker("陈新", f"1380013800{n // 2}", HOME, actor=actor)

    outcomes = at_once(real_app, [call(n) for n in range(8)])

    assert outcomes == {"ok": 4, "phone_taken": 4}
    with real_app.app_context():
        numbers = db.session.scalars(sa.select(Worker.number).order_by(Worker.number)).all()
    assert numbers == [f"W00000{n}" for n in range(1, 5)]


def test_a_new_paper_takes_the_place_of_a_decided_one_only(hr):
    worker = factories.worker(factories.company(), days=0)
    until = clock.today() + timedelta(days=700)
    documents.submit(worker.id, "health", "K2", until, actor=hr)
    papers = sa.select(WorkerDocument.number).filter_by(worker_id=worker.id, kind="health")
    assert db.session.scalars(papers).all() == ["K2"]
    with pytest.raises(Conflict):
        documents.submit(worker.id, "health", "K3", until, actor=hr)
