"""Appeals against reviews, measures, feedback; incidents; notes of colleagues."""

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden, IllegalTransition, NotFound
from app.extensions import db
from app.models import Branch, Feedback, Incident, Note, Notification, Review, ReviewAppeal, Worker
from app.services.quality import appeals, following
from app.services.system import incidents, notes
from tests import factories
from tests.kit.clients import add_staff
from tests.views import stage

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture(scope="module")
def built(once):
    return once(stage.build_all)


@pytest.fixture
def company(app, built):
    return built()


@pytest.fixture
def staff(company):
    return Actor("staff", add_staff("service").id)


def test_an_upheld_appeal_takes_the_review_out_of_the_rating(company, staff):
    appeal = db.session.scalars(sa.select(ReviewAppeal)).one()
    worker = db.session.get_one(Worker, appeal.worker_id)
    before = worker.rating_count, worker.rating_sum
    appeals.uphold(appeal.id, "误点", actor=staff)
    assert db.session.get_one(Review, appeal.review_id).status == "hidden"
    assert (worker.rating_count, worker.rating_sum) == (before[0] - 1, before[1] - 5)
    with pytest.raises(Conflict):
        appeals.refuse(appeal.id, "再看", actor=staff)
    assert (appeal.status, appeal.decided_by_id) == ("upheld", staff.id)


def test_a_refused_appeal_changes_nothing_else(company, staff):
    appeal = db.session.scalars(sa.select(ReviewAppeal)).one()
    count = db.session.get_one(Worker, appeal.worker_id).rating_count
    appeals.refuse(appeal.id, "照片清楚", actor=staff)
    assert db.session.get_one(Review, appeal.review_id).status == "published"
    assert db.session.get_one(Worker, appeal.worker_id).rating_count == count


def test_feedback_is_answered_once_and_its_author_hears_it(company, staff):
    feedback = db.session.scalars(sa.select(Feedback)).one()
    following.read_feedback(feedback.id, actor=staff)
    following.answer_feedback(feedback.id, "谢谢", actor=staff)
    with pytest.raises(IllegalTransition):
        following.answer_feedback(feedback.id, "再谢", actor=staff)
    heard = db.session.scalars(sa.select(Notification).filter_by(kind="feedback.answered")).one()
    assert (heard.recipient_kind, heard.recipient_id) == ("customer", feedback.actor_id)
    assert feedback.answer == "谢谢"


def test_an_incident_is_taken_on_and_solved(company, staff):
    incident = db.session.scalars(sa.select(Incident)).one()
    incidents.take(incident.id, actor=staff)
    incidents.solve(incident.id, "已赔偿", actor=staff)
    assert (incident.status, incident.handler_id) == ("solved", staff.id)
    assert incident.outcome == "已赔偿"
    incidents.take(incident.id, actor=staff)
    assert (incident.status, incident.solved_at) == ("in_work", None)


def test_notes_stand_pinned_first_and_only_beside_what_one_may_see(company, staff):
    customer = company.company.customer.id
    notes.add_note("customer", customer, "怕狗", pinned=True, actor=staff)
    notes.add_note("customer", customer, "新电话", actor=staff)
    told = [note.text for note in notes.notes_on("customer", customer, actor=staff)]
    assert told == ["怕狗", "新电话", "先打电话"]
    elsewhere = factories.save(Branch(code="other", name="Other", city_code="440300"))
    stranger = Actor("staff", add_staff("service", branch_id=elsewhere.id).id)
    with pytest.raises(NotFound):
        notes.add_note("customer", customer, "x", actor=stranger)
    assert db.session.scalar(sa.select(sa.func.count(Note.id))) == 3


def test_a_note_is_changed_by_its_author_only(company, staff):
    note = notes.add_note("worker", company.lead.id, "手脚快", actor=staff)
    notes.check_own(note, actor=staff)
    with pytest.raises(Forbidden):
        notes.check_own(note, actor=Actor("staff", staff.id + 1))
