"""Shifts, leave, papers and workers, as HR and dispatch keep them."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import AuditLog, Leave, Service, Shift, Worker, WorkerBusy, WorkerDocument
from app.services import clock
from app.services.clock import city_time
from app.services.system import audit_reading
from tests import factories
from tests.views import stage

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def company(app):
    return factories.company()


def typed(starts_at: datetime, ends_at: datetime, **more: object) -> dict[str, object]:
    hours = {"starts_at": starts_at, "ends_at": ends_at}
    return {name: f"{city_time(at):%Y-%m-%dT%H:%M}" for name, at in hours.items()} | more


def test_a_shift_is_on_the_citys_day_of_its_start(company, staff_client):
    worker = factories.worker(company, days=0)
    night = factories.tomorrow(22)
    data = typed(night, night + timedelta(hours=9), worker=worker.id)
    answer = staff_client("dispatcher").post("/shiftview/add", data=data)
    assert answer.status_code == 302
    shift = db.session.scalars(sa.select(Shift)).one()
    assert (shift.service_on, shift.starts_at) == (clock.city_date(night), night)


@pytest.mark.parametrize(
    ("hours", "message"),
    [(0, "The end must come after the start"), (25, "A shift lasts 24 hours at most")],
)
def test_hours_that_are_no_shift_are_refused_at_their_field(company, staff_client, hours, message):
    worker = factories.worker(company, days=0)
    start = factories.tomorrow(8)
    data = typed(start, start + timedelta(hours=hours), worker=worker.id)
    answer = staff_client("hr").post("/shiftview/add", data=data)
    assert answer.status_code == 422
    assert message in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Shift.id))) == 0


def test_a_shift_with_a_visit_is_neither_shortened_nor_removed(company, staff_client):
    factories.worker(company, days=2)
    stage.paid(company, factories.tomorrow(14))
    shift = db.session.scalars(sa.select(Shift).order_by(Shift.starts_at.desc())).first()
    key, start, version = shift.id, shift.starts_at, shift.version
    client = staff_client("hr")
    data = typed(start, start + timedelta(hours=4), version=version)
    answer = client.post(f"/shiftview/edit/{key}", data=data)
    assert (answer.status_code, "Visits are planned in these hours" in answer.text) == (409, True)
    page = client.post(f"/shiftview/delete/{key}", follow_redirects=True).text
    assert "Visits are planned in these hours" in page
    assert db.session.get_one(Shift, key).ends_at == start + timedelta(hours=12)


def test_an_empty_shift_is_changed_and_removed(company, staff_client):
    factories.worker(company, days=1)
    shift = db.session.scalars(sa.select(Shift)).one()
    key, start, version = shift.id, shift.starts_at, shift.version
    client = staff_client("hr")
    data = typed(start, start + timedelta(hours=4), version=version)
    assert client.post(f"/shiftview/edit/{key}", data=data).status_code == 302
    assert db.session.get_one(Shift, key).ends_at == start + timedelta(hours=4)
    client.post(f"/shiftview/delete/{key}")
    assert db.session.get(Shift, key) is None


def test_approved_leave_takes_the_workers_time(app, staff_client):
    built = stage.build()
    leave = db.session.scalars(sa.select(Leave)).one()
    key, start = leave.id, leave.starts_at
    staff_client("dispatcher").post(f"/leaveview/action/approve/{key}")
    assert db.session.get_one(Leave, key).status == "approved"
    taken = db.session.scalars(sa.select(WorkerBusy).filter_by(kind="leave")).one()
    assert (taken.worker_id, taken.start_at) == (built.other.id, start)


def test_refused_leave_takes_nothing(app, staff_client):
    stage.build()
    key = db.session.scalars(sa.select(Leave.id)).one()
    staff_client("hr").post(f"/leaveview/action/refuse/{key}")
    assert db.session.get_one(Leave, key).status == "refused"
    assert db.session.scalars(sa.select(WorkerBusy).filter_by(kind="leave")).all() == []


def test_a_paper_is_approved_once(company, staff_client):
    paper = submitted(company)
    client = staff_client("hr")
    client.post(f"/workerdocumentview/action/approve/{paper}")
    assert db.session.get_one(WorkerDocument, paper).status == "approved"
    answer = client.post(f"/workerdocumentview/action/refuse/{paper}", data={"reason": "blurred"})
    assert (answer.status_code, "already decided" in answer.text) == (422, True)
    assert db.session.get_one(WorkerDocument, paper).status == "approved"


def test_a_refused_paper_keeps_the_reason(company, staff_client):
    paper = submitted(company)
    staff_client("hr").post(
        f"/workerdocumentview/action/refuse/{paper}", data={"reason": "blurred"}
    )
    assert db.session.get_one(WorkerDocument, paper).status == "refused"
    row = db.session.scalars(sa.select(AuditLog).filter_by(action="refuse")).one()
    told = audit_reading.opened(row, reason="a question", actor=SYSTEM)
    assert [(one.name, one.after) for one in told] == [("reason", "blurred")]


def test_an_expired_paper_is_not_approved(company, staff_client):
    paper = submitted(company, valid_to=clock.today() - timedelta(days=1))
    page = staff_client("hr").post(
        f"/workerdocumentview/action/approve/{paper}", follow_redirects=True
    )
    assert "This document has expired" in page.text
    assert db.session.get_one(WorkerDocument, paper).status == "submitted"


def submitted(company, **more) -> int:
    worker = factories.worker(company, days=0)
    valid_to = more.get("valid_to", clock.today() + timedelta(days=90))
    paper = WorkerDocument(
        worker_id=worker.id, kind="skill", number="440100001", valid_to=valid_to, status="submitted"
    )
    return int(factories.save(paper).id)


def test_a_worker_is_suspended_and_reinstated_with_reasons(company, staff_client):
    key, client = factories.worker(company, days=0).id, staff_client("hr")
    assert client.post(f"/workerview/action/suspend/{key}", data={}).status_code == 422
    client.post(f"/workerview/action/suspend/{key}", data={"reason": "complaint"})
    assert db.session.get_one(Worker, key).status == "suspended"
    client.post(f"/workerview/action/reinstate/{key}", data={"reason": "cleared"})
    assert db.session.get_one(Worker, key).status == "approved"


def test_a_worker_is_found_by_the_last_four_digits_of_the_phone(company, staff_client):
    worker = factories.worker(company, name="钱一", days=0)
    other = factories.worker(company, name="孙二", days=0)
    tail, name, hidden = worker.account.phone_tail, worker.name, other.name
    client = staff_client("hr")
    page = client.get("/workerview/list/", query_string={"_flt_0_account": tail}).text
    assert (name in page, hidden in page) == (True, False)
    page = client.get("/workerview/list/", query_string={"_flt_0_account": "abc"}).text
    assert "Not understood and left out: Phone" in page


def test_the_whole_phone_of_a_worker_is_shown_once_with_a_reason(company, staff_client):
    worker = factories.worker(company, days=0)
    key, phone = worker.id, worker.account.phone
    client = staff_client("operations")
    assert phone not in client.get(f"/workerview/show/{key}").text
    page = client.post(
        f"/workerview/action/reveal/{key}", data={"reason": "call back"}, follow_redirects=True
    )
    assert phone in page.text
    assert phone not in client.get(f"/workerview/show/{key}").text
    row = db.session.scalars(sa.select(AuditLog).filter_by(action="reveal")).one()
    assert (row.entity, row.changes["reason"]) == ("worker", "call back")


def test_a_service_leaves_the_shop_and_returns_by_actions(company, staff_client):
    key, client = company.cleaning.id, staff_client("operations")
    client.post(f"/serviceview/action/unpublish/{key}")
    assert db.session.get_one(Service, key).published is False
    client.post(f"/serviceview/action/publish/{key}")
    assert db.session.get_one(Service, key).published is True


def test_the_demos_clock_travels_for_operations_and_only_in_the_demo(app, staff_client, demo):
    client = staff_client("operations")
    answer = client.post("/demo-clock/", data={"days": 2, "hours": 3, "minutes": 0})
    assert answer.status_code == 302
    seconds = db.session.scalar(sa.text("SELECT clock_offset_seconds FROM installation"))
    assert seconds == (2 * 24 + 3) * 3600
    answer = client.post("/demo-clock/", data={"days": 0, "hours": 0, "minutes": 0})
    assert (answer.status_code, "The clock only moves forward" in answer.text) == (422, True)
    app.config["DEMO"] = False
    assert client.get("/demo-clock/").status_code == 404
    assert "/demo-clock/" not in client.get("/").text
