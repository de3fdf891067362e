"""From the door to the review: where, when, with which proof."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.geo import Point
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Accrual, Assignment, Attachment, CheckEvent, Order, Review, Visit
from app.services.dispatch import dispatching
from app.services.orders import confirming
from app.services.quality import reviews
from app.services.system import parameters, timers
from app.services.visits import attachments, checking
from app.services.visits.checking import Presence
from tests import factories

THERE = Presence(Point(*factories.NEARBY))
FAR_AWAY = Presence(Point(23.20, 113.30))


def photo(color="red"):
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), color).save(buffer, "JPEG")
    return buffer.getvalue()


def take_photos(visit, worker, **who):
    for kind, color in (("before", "brown"), ("after", "red"), ("after", "pink")):
        attachments.add_photo(visit.id, worker.id, kind, photo(color), **who)


@pytest.fixture(scope="module")
def accepted_made(once):
    def make():
        company = factories.company(pay_mode="after")
        worker = factories.worker(company)
        order = factories.order(company)
        dispatching.force_assign(order.id, worker.id, reason="test", actor=Actor("staff", 1))
        return order, db.session.scalars(sa.select(Visit)).one(), worker

    return once(make)


@pytest.fixture
def accepted(app, accepted_made, clock):
    """An accepted pay-after order, and its worker, half an hour before the visit."""
    order, visit, worker = accepted_made()
    clock.instant = order.planned_start - timedelta(minutes=30)
    return order, visit, worker


def test_the_whole_visit(accepted, clock):
    order, visit, worker = accepted
    who = {"actor": factories.acting(worker)}

    checking.depart(visit.id, worker.id, THERE, **who)
    assert order.status == OrderStatus.EN_ROUTE
    checking.check_in(visit.id, worker.id, THERE, **who)
    assert (order.status, visit.checked_in_at) == (OrderStatus.IN_SERVICE, clock.now())
    take_photos(visit, worker, **who)
    clock.travel(timedelta(hours=2))
    checking.check_out(visit.id, worker.id, THERE, **who)

    assert (order.status, visit.status) == (OrderStatus.PENDING_CONFIRM, "done")
    assert visit.checked_out_at - visit.checked_in_at == timedelta(hours=2)
    assert db.session.scalars(sa.select(Assignment.status)).all() == ["done"]
    rows = db.session.scalars(sa.select(CheckEvent).order_by(CheckEvent.id)).all()
    assert [(r.kind, r.method, r.distance_m) for r in rows] == [
        ("depart", "position", None), ("check_in", "position", 0), ("check_out", "position", None),
    ]  # fmt: skip


def test_too_far_away_is_no_check_in(accepted):
    order, visit, worker = accepted

    with pytest.raises(RuleViolation) as refusal:
        checking.check_in(visit.id, worker.id, FAR_AWAY, actor=SYSTEM)

    assert (refusal.value.code, refusal.value.details["geofence_m"]) == ("outside_geofence", 300)
    assert (order.status, visit.status) == (OrderStatus.ACCEPTED, "planned")
    assert db.session.scalars(sa.select(CheckEvent)).all() == []


def test_the_customers_code_replaces_a_position_and_a_wrong_one_does_not(accepted):
    order, visit, worker = accepted
    code = checking.visit_code(visit.id)
    wrong = f"{(int(code) + 1) % 10000:04d}"

    with pytest.raises(RuleViolation) as refusal:
        checking.check_in(visit.id, worker.id, Presence(code=wrong), actor=SYSTEM)
    assert refusal.value.code == "visit_code_wrong"
    checking.check_in(visit.id, worker.id, Presence(code=code), actor=SYSTEM)

    assert order.status == OrderStatus.IN_SERVICE


def test_five_wrong_codes_leave_only_the_position(accepted):
    order, visit, worker = accepted
    code = checking.visit_code(visit.id)
    wrong = f"{(int(code) + 1) % 10000:04d}"
    for _ in range(5):
        with pytest.raises(RuleViolation) as refusal:
            checking.check_in(visit.id, worker.id, Presence(code=wrong), actor=SYSTEM)
        assert refusal.value.code == "visit_code_wrong"

    with pytest.raises(RuleViolation) as refusal:
        checking.check_in(visit.id, worker.id, Presence(code=code), actor=SYSTEM)
    assert (refusal.value.code, order.status) == ("visit_code_locked", OrderStatus.ACCEPTED)
    checking.check_in(visit.id, worker.id, THERE, actor=SYSTEM)
    assert order.status == OrderStatus.IN_SERVICE


def test_a_minute_too_early_is_too_early(accepted, clock):
    _order, visit, worker = accepted
    clock.travel(-timedelta(minutes=1))

    with pytest.raises(RuleViolation) as refusal:
        checking.check_in(visit.id, worker.id, THERE, actor=SYSTEM)

    assert refusal.value.code == "too_early"


def test_a_check_out_waits_for_its_photos(accepted):
    order, visit, worker = accepted
    checking.check_in(visit.id, worker.id, THERE, actor=SYSTEM)

    def lacks():
        with pytest.raises(RuleViolation) as refusal:
            checking.check_out(visit.id, worker.id, THERE, actor=SYSTEM)
        told = refusal.value.details
        return told["kind"], told["found"], told["needed"]

    assert lacks() == ("before", 0, 1)
    attachments.add_photo(visit.id, worker.id, "before", photo("brown"), actor=SYSTEM)
    attachments.add_photo(visit.id, worker.id, "after", photo(), actor=SYSTEM)
    assert lacks() == ("after", 1, 2)
    assert order.status == OrderStatus.IN_SERVICE
    attachments.add_photo(visit.id, worker.id, "after", photo("pink"), actor=SYSTEM)
    checking.check_out(visit.id, worker.id, THERE, actor=SYSTEM)
    assert order.status == OrderStatus.PENDING_CONFIRM


def test_the_same_photo_twice_is_one_attachment(accepted):
    _order, visit, worker = accepted
    first = attachments.add_photo(visit.id, worker.id, "after", photo(), actor=SYSTEM)

    second = attachments.add_photo(visit.id, worker.id, "after", photo(), actor=SYSTEM)

    assert first.id == second.id
    assert db.session.scalar(sa.select(sa.func.count(Attachment.id))) == 1


def test_a_visit_takes_so_many_files_and_no_more(accepted):
    _order, visit, worker = accepted
    parameters.set_parameter("visit.files_most", 2, actor=SYSTEM)
    for colour in ("red", "green"):
        attachments.add_photo(visit.id, worker.id, "after", photo(colour), actor=SYSTEM)

    with pytest.raises(RuleViolation) as refusal:
        attachments.add_photo(visit.id, worker.id, "after", photo("blue"), actor=SYSTEM)

    assert refusal.value.code == "files_most"
    attachments.add_photo(visit.id, worker.id, "after", photo("green"), actor=SYSTEM)  # again
    assert db.session.scalar(sa.select(sa.func.count(Attachment.id))) == 2


def test_somebody_elses_visit_does_not_exist(accepted):
    _order, visit, worker = accepted

    with pytest.raises(NotFound):
        checking.check_in(visit.id, worker.id + 1, THERE, actor=SYSTEM)


@pytest.fixture
def served(accepted):
    order, visit, worker = accepted
    checking.check_in(visit.id, worker.id, THERE, actor=SYSTEM)
    take_photos(visit, worker, actor=SYSTEM)
    checking.check_out(visit.id, worker.id, THERE, actor=SYSTEM)
    return order, worker


def test_confirming_accrues_the_workers_share(served, clock):
    order, worker = served

    confirming.confirm_order(order.customer_id, order.id, actor=Actor("customer", 1))

    assert (order.status, order.completed_at) == (OrderStatus.COMPLETED, clock.now())
    row = db.session.scalars(sa.select(Accrual)).one()
    assert (row.worker_id, row.base_fen, row.commission_fen, row.worker_fen) == (
        worker.id, 19900, 3980, 15920,
    )  # fmt: skip
    assert row.release_on - row.earned_on == timedelta(days=7)


def test_the_clock_confirms_in_the_end_and_only_once(served, clock):
    order, _worker = served

    clock.travel(timedelta(hours=47, minutes=59))
    timers.fire_due()
    assert order.status == OrderStatus.PENDING_CONFIRM
    clock.travel(timedelta(minutes=1))
    timers.fire_due()
    timers.fire_due()

    assert order.status == OrderStatus.COMPLETED
    assert db.session.scalar(sa.select(sa.func.count(Accrual.id))) == 1


def test_a_review_comes_once_after_completion_and_in_time(served, clock):
    order, worker = served
    stars = {"quality": 5, "attitude": 4, "skill": 5, "actor": SYSTEM}
    with pytest.raises(RuleViolation) as refusal:
        reviews.review_order(order.customer_id, order.id, **stars)
    assert refusal.value.code == "not_completed"
    confirming.confirm_order(order.customer_id, order.id, actor=SYSTEM)

    with pytest.raises(NotFound):
        reviews.review_order(order.customer_id + 1, order.id, **stars)
    reviews.review_order(order.customer_id, order.id, **stars)
    with pytest.raises(Conflict):
        reviews.review_order(order.customer_id, order.id, **stars)

    assert db.session.scalar(sa.select(sa.func.count(Review.id))) == 1
    assert (worker.rating_sum, worker.rating_count) == (5, 1)


def test_a_review_after_fifteen_days_is_too_late(served, clock):
    order, _worker = served
    confirming.confirm_order(order.customer_id, order.id, actor=SYSTEM)
    clock.travel(timedelta(days=15, seconds=1))

    with pytest.raises(RuleViolation) as refusal:
        reviews.review_order(
            order.customer_id, order.id, quality=5, attitude=5, skill=5, actor=SYSTEM
        )

    assert refusal.value.code == "review_too_late"
    assert db.session.get_one(Order, order.id).status == OrderStatus.COMPLETED
