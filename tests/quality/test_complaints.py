"""A complaint from the call to the file: handler, clock, events, what the customer hears."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, IllegalTransition, InvalidInput, RuleViolation
from app.extensions import db
from app.models import Branch, Complaint, ComplaintEvent, Notification
from app.services import clock as clocks
from app.services.quality import complaints
from tests import factories
from tests.kit.clients import add_staff

HOUR = timedelta(hours=1)


@pytest.fixture
def company(app):
    return factories.company()


@pytest.fixture
def handler(company):
    return add_staff("service").id


@pytest.fixture
def filed(company):
    return complaints.create(
        company.customer.id, category="quality", severity="high", text="没擦干净", actor=SYSTEM
    )


def looked_into(complaint, handler):
    who = Actor("staff", handler)
    complaints.assign(complaint.id, handler, actor=who)
    complaints.investigate(complaint.id, "已联系门店", actor=who)
    return who


def told(complaint):
    rows = sa.select(ComplaintEvent.kind, ComplaintEvent.to_status)
    rows = rows.filter_by(complaint_id=complaint.id).order_by(ComplaintEvent.id)
    return db.session.execute(rows).tuples().all()


def test_the_clock_starts_with_the_hours_of_the_severity(filed):
    assert filed.answer_by - filed.created_at == timedelta(hours=1)
    assert filed.solve_by - filed.created_at == timedelta(hours=24)
    assert told(filed) == [("created", "new")]


def test_a_complaint_about_an_order_takes_its_branch_and_worker(company):
    factories.worker(company)
    order = factories.order(company)
    made = complaints.create(
        company.customer.id, category="late", severity="low", text="迟到", order_id=order.id,
        actor=SYSTEM,
    )  # fmt: skip
    assert (made.branch_id, made.worker_id) == (order.branch_id, order.lead_worker_id)
    stranger = factories.customer()
    with pytest.raises(InvalidInput):
        complaints.create(
            stranger.id, category="late", severity="low", text="x", order_id=order.id, actor=SYSTEM
        )
    assert db.session.scalar(sa.select(sa.func.count(Complaint.id))) == 1


def test_the_clock_stands_still_while_the_customer_is_asked(filed, handler, clock):
    who = looked_into(filed, handler)
    solve_by = filed.solve_by
    complaints.ask_customer(filed.id, "是哪个房间？", actor=who)
    clock.travel(5 * HOUR)
    complaints.customer_answered(filed.id, "厨房", actor=who)
    assert filed.solve_by == solve_by + 5 * HOUR
    assert (filed.paused_seconds, filed.paused_at) == (5 * 3600, None)
    with pytest.raises(Conflict):
        complaints.customer_answered(filed.id, "厨房", actor=who)


def test_from_a_proposal_to_the_file_and_back(filed, handler, clock):
    who = looked_into(filed, handler)
    complaints.propose(filed.id, "重做厨房", actor=who)
    complaints.decline_proposal(filed.id, "要求退款", actor=who)
    complaints.propose(filed.id, "退还 50 元", actor=who)
    complaints.resolve(filed.id, "已退还", cause_id=None, actor=who)
    complaints.close(filed.id, actor=who)
    assert (filed.status, filed.result, filed.answered_at) == ("closed", "已退还", clocks.now())
    clock.travel(timedelta(days=3))
    complaints.reopen(filed.id, "又坏了", actor=who)
    assert (filed.status, filed.reopened, filed.closed_at) == ("investigating", 1, None)
    assert filed.solve_by == clocks.now() + 24 * HOUR
    assert [kind for kind, _status in told(filed)] == [
        "created", "assigned", "investigated", "proposed", "proposal_declined", "proposed",
        "resolved", "closed", "reopened",
    ]  # fmt: skip
    heard = db.session.scalars(sa.select(Notification.kind).order_by(Notification.id)).all()
    assert heard == ["complaint.investigated", *["complaint.proposed"] * 2, "complaint.resolved"]


def test_after_the_days_to_reopen_it_stays_in_the_file(filed, handler, clock):
    who = looked_into(filed, handler)
    complaints.propose(filed.id, "重做", actor=who)
    with pytest.raises(RuleViolation):
        complaints.reopen(filed.id, "太早", actor=who)
    complaints.resolve(filed.id, "已重做", cause_id=None, actor=who)
    clock.travel(timedelta(days=7, seconds=1))
    with pytest.raises(RuleViolation):
        complaints.reopen(filed.id, "太晚", actor=who)
    assert db.session.get_one(Complaint, filed.id, populate_existing=True).status == "resolved"


def test_steps_cannot_be_left_out(filed, handler):
    who = Actor("staff", handler)
    for step in (
        lambda: complaints.investigate(filed.id, "x", actor=who),
        lambda: complaints.propose(filed.id, "x", actor=who),
        lambda: complaints.resolve(filed.id, "x", cause_id=None, actor=who),
        lambda: complaints.close(filed.id, actor=who),
    ):
        with pytest.raises(IllegalTransition):
            step()
    assert told(filed) == [("created", "new")]


def test_only_somebody_who_may_see_it_can_handle_it(filed, handler):
    elsewhere = factories.save(Branch(code="other", name="Other", city_code="440300"))
    stranger = add_staff("service", branch_id=elsewhere.id).id
    with pytest.raises(InvalidInput):
        complaints.assign(filed.id, stranger, actor=SYSTEM)
    complaints.assign(filed.id, handler, actor=SYSTEM)
    other = add_staff("service").id
    complaints.assign(filed.id, other, actor=SYSTEM)
    assert (filed.handler_id, filed.status) == (other, "assigned")


@pytest.mark.backends("sqlite")
def test_the_page_offers_what_fits_and_tells_the_story(company, staff_client):
    client = staff_client("service")
    client.get("/lang/en")
    data = {"customer": company.customer.id, "category": "damage", "severity": "critical",
            "source": "phone", "text": "花瓶碎了"}  # fmt: skip
    page = client.post("/complaints/add", data=data, follow_redirects=True).text
    assert "花瓶碎了" in page
    assert "Name a handler" in page
    assert "Propose a solution" not in page
    key = db.session.scalars(sa.select(Complaint.id)).one()
    form = {"handler": client.staff.id, "note": ""}
    client.post(f"/complaints/action/assign/{key}", data=form)
    page = client.get(f"/complaints/show/{key}").text
    assert "Look into it" in page
    assert "Handler named" in page
    refused = client.post(f"/complaints/action/propose/{key}", data={"proposal": "换新"})
    assert (refused.status_code, "cannot go from" in refused.text) == (422, True)
