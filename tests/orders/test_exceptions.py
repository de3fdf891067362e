"""What goes wrong while an order is served: exceptions, a stop, a dispute, work done again."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.errors import Conflict, InvalidInput, NotFound, RuleViolation
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Accrual, Assignment, Complaint, Incident, Order, Visit
from app.services.money import refunds, settlement_lines
from app.services.orders import confirming, deadlines, exceptions, reworking
from app.services.orders.move_rules import For
from app.services.quality import complaints, disputing
from app.services.system import incidents, outbox, timers
from app.services.visits import checking, stopping
from tests import factories
from tests.money.support import again, balances, pay, put, wrong
from tests.orders import moves
from tests.orders.test_cancelling import accept
from tests.visits.test_visits import THERE, take_photos

# Rules that no database decides: on PostgreSQL `make crawl` tries them.
pytestmark = pytest.mark.crawler(backend="postgresql")


def begin(case, clock):
    clock.instant = case.order.planned_start
    who = factories.acting(case.worker)
    checking.check_in(moves.visit_of(case).id, case.worker.id, THERE, actor=who)


def serve(case, clock):
    begin(case, clock)
    who = {"actor": factories.acting(case.worker)}
    take_photos(moves.visit_of(case), case.worker, **who)
    clock.travel(timedelta(hours=2))
    checking.check_out(moves.visit_of(case).id, case.worker.id, THERE, **who)


def confirm(case):
    actor = factories.acting(case.company.customer)
    return confirming.confirm_order(case.order.customer_id, case.order.id, actor=actor)


def report(case, **more):
    return exceptions.report(case.order.id, **{"reason": "家电损坏", "actor": case.staff, **more})


def resolve(case, to, reason="已协商"):
    return exceptions.resolve(case.order.id, OrderStatus(to), reason=reason, actor=case.staff)


# Exceptions.


@pytest.mark.parametrize("to", ["accepted", "en_route", "pending_dispatch", "cancelled"])
def test_what_has_not_begun_goes_on_or_ends(case, to):
    row = moves.ask(case)
    report(case)
    assert (again(case.order).status, again(row).status) == ("exception", "withdrawn")
    resolve(case, to)

    assert again(case.order).status == to
    (incident,) = db.session.scalars(sa.select(Incident).filter_by(kind="exception")).all()
    assert (incident.status, incident.details, incident.outcome) == (
        "solved", {"from": "accepted"}, "已协商",
    )  # fmt: skip
    assert moves.visit_of(case).status == {"en_route": "en_route", "cancelled": "cancelled"}.get(
        to, "planned"
    )
    assert wrong() == {}


@pytest.mark.parametrize("to", ["in_service", "pending_confirm", "completed"])
def test_what_has_begun_is_finished(case, clock, to):
    begin(case, clock)
    report(case, worker_id=case.worker.id, actor=factories.acting(case.worker))
    clock.travel(timedelta(hours=1))
    resolve(case, to)

    assert again(case.order).status == to
    done = to != "in_service"
    assert (moves.visit_of(case).checked_out_at is not None) == done
    assert bool(db.session.scalars(sa.select(Accrual)).all()) == (to == "completed")
    assert wrong() == {}


def test_the_clock_does_not_confirm_an_exception(case, clock):
    serve(case, clock)
    report(case)
    clock.travel(timedelta(days=9))
    timers.fire_due()
    assert deadlines.set_lost_timers() == 0
    assert again(case.order).status == "exception"
    resolve(case, "pending_confirm")
    clock.travel(timedelta(hours=48))
    timers.fire_due()
    assert again(case.order).status == "completed"


def test_what_is_missing_is_not_invented(case, clock):
    report(case)
    for to in ("in_service", "pending_confirm", "completed"):
        with pytest.raises(RuleViolation) as refused:
            resolve(case, to)
        assert refused.value.code == "does_not_fit"
    for to in ("no_show", "closed", "offered", "exception"):
        with pytest.raises(InvalidInput):
            resolve(case, to)
    with pytest.raises(RuleViolation):
        resolve(case, "accepted", reason=" ")
    assert again(case.order).status == "exception"


def test_who_may_report_what(case, clock):
    stranger = case.other
    with pytest.raises(NotFound):
        report(case, worker_id=stranger.id, actor=factories.acting(stranger))
    with pytest.raises(RuleViolation):
        resolve(case, "accepted")
    put(case.order, status="completed")
    with pytest.raises(RuleViolation) as refused:
        report(case)
    assert refused.value.code == "no_exception_now"


def test_an_exception_is_resolved_not_just_solved(case):
    report(case)
    (row,) = db.session.scalars(sa.select(Incident)).all()
    with pytest.raises(RuleViolation) as refused:
        incidents.solve(row.id, "好", actor=case.staff)
    assert refused.value.code == "to_be_decided"


# Stop.


def test_only_what_was_done_is_charged(case, clock):
    begin(case, clock)
    clock.travel(timedelta(minutes=45))
    who = {"whose": For(worker_id=case.worker.id), "actor": factories.acting(case.worker)}
    stopping.stop(case.order.id, reason="停水", **who)

    fresh = again(case.order)
    assert (fresh.status, fresh.due_fen, moves.visit_of(case).status) == (
        "pending_confirm", 7_463, "done",
    )  # fmt: skip
    assert balances()["refunds_due"] == 19_900 - 7_463
    assert wrong() == {}
    confirm(case)
    (earned,) = db.session.scalars(sa.select(Accrual)).all()
    assert earned.base_fen == 7_463
    assert wrong() == {}


@pytest.mark.parametrize(("minutes", "percent", "due"), [(300, None, 19_900), (10, 0, 0)])
def test_never_more_than_the_price_and_staff_may_say_nothing(case, clock, minutes, percent, due):
    begin(case, clock)
    clock.travel(timedelta(minutes=minutes))
    stopping.stop(case.order.id, reason="停电", done_percent=percent, actor=case.staff)
    assert again(case.order).due_fen == due
    confirm(case)
    assert wrong() == {}


def test_stopped_it_earns_what_was_done_although_it_was_compensated_before(case, clock):
    compensation = {"reason": "迟到", "kind": "compensation", "actor": SYSTEM}
    refunds.request_refund(case.order.id, 15_000, **compensation)
    begin(case, clock)

    stopping.stop(case.order.id, reason="停电", done_percent=50, actor=case.staff)
    assert again(case.order).due_fen == 0
    confirm(case)

    (earned,) = db.session.scalars(sa.select(Accrual)).all()
    assert (earned.base_fen, balances()["compensation"]) == (9_950, 9_950)
    assert wrong() == {}


def test_what_has_not_begun_is_not_stopped(case):
    with pytest.raises(RuleViolation) as refused:
        stopping.stop(case.order.id, reason="停电", actor=case.staff)
    assert refused.value.code == "not_in_service"


def test_only_by_whom_it_concerns(case, clock):
    begin(case, clock)
    for whose in (For(customer_id=0), For(worker_id=case.other.id)):
        with pytest.raises(NotFound):
            stopping.stop(case.order.id, reason="x", whose=whose, actor=SYSTEM)
    key = case.order.customer_id
    who = {"whose": For(customer_id=key), "actor": factories.acting(case.company.customer)}
    assert stopping.stop(case.order.id, reason="临时出门", **who).status == "pending_confirm"


# Dispute.


def dispute(case, text="窗户没擦"):
    actor = factories.acting(case.company.customer)
    return disputing.dispute(case.order.customer_id, case.order.id, text=text, actor=actor)


def end(complaint, actor):
    put(complaint, status="proposed")
    complaints.resolve(complaint.id, "已补做", cause_id=None, actor=actor)


def test_a_dispute_stops_the_clock_until_it_is_resolved(case, clock):
    serve(case, clock)
    complaint = dispute(case)
    clock.travel(timedelta(days=9))
    timers.fire_due()
    assert deadlines.set_lost_timers() == 0
    assert again(case.order).status == "pending_confirm"

    end(complaint, case.staff)
    clock.travel(timedelta(hours=47))
    timers.fire_due()
    assert again(case.order).status == "pending_confirm"
    clock.travel(timedelta(hours=1))
    timers.fire_due()
    assert again(case.order).status == "completed"


def test_after_completion_it_holds_the_settlement(case, clock):
    serve(case, clock)
    confirm(case)
    complaint = dispute(case)
    clock.travel(timedelta(days=9))

    def due():
        from app.models import SettlementRun

        run = SettlementRun(branch_id=case.order.branch_id, period_to=clock.now().date())
        return db.session.scalars(sa.select(Accrual.id).where(*settlement_lines._due(run))).all()

    assert due() == []
    end(complaint, case.staff)
    assert len(due()) == 1


def test_once_and_not_too_late(case, clock):
    with pytest.raises(RuleViolation) as early:
        dispute(case)
    assert early.value.code == "not_disputable"
    serve(case, clock)
    dispute(case)
    with pytest.raises(Conflict) as twice:
        dispute(case)
    assert twice.value.code == "disputed"
    end(db.session.scalars(sa.select(Complaint)).one(), case.staff)
    confirm(case)
    clock.travel(timedelta(days=16))
    with pytest.raises(RuleViolation) as late:
        dispute(case)
    assert late.value.code == "dispute_too_late"


# Rework.


def rework(case, start=None, **more):
    start = start or factories.at(case.order.service_on + timedelta(days=1), 14)
    return reworking.rework(
        case.order.id, start, **{"reason": "窗户没擦", "actor": case.staff, **more}
    )


def test_the_same_work_again_for_nothing(case, clock):
    serve(case, clock)
    confirm(case)
    child = rework(case)

    assert (child.parent_id, child.source, child.total_fen) == (case.order.id, "rework", 0)
    assert again(case.order).status == "completed"
    owner = sa.select(moves.WorkerBusy.worker_id).filter_by(owner=child.owner)
    assert db.session.scalars(owner).all() == [case.worker.id]
    assert wrong() == {}
    accept(child)
    visit = db.session.scalars(sa.select(Visit).filter_by(order_id=child.id)).one()
    again_ = moves.Booked(case.company, child, case.worker, case.other, case.staff)
    lead = db.session.scalars(sa.select(Assignment).filter_by(order_id=child.id)).one().worker_id
    again_.worker = case.worker if lead == case.worker.id else case.other
    serve(again_, clock)
    confirm(again_)
    assert (again(child).status, again(visit).status) == ("completed", "done")
    assert wrong() == {}


def test_within_the_warranty_and_one_at_a_time(case, clock):
    with pytest.raises(RuleViolation) as early:
        rework(case)
    assert early.value.code == "not_completed"
    serve(case, clock)
    confirm(case)
    rework(case)
    with pytest.raises(Conflict) as twice:
        rework(case)
    assert twice.value.code == "rework_open"
    db.session.scalars(sa.select(Order).filter_by(source="rework")).one()
    clock.travel(timedelta(days=7, seconds=1))
    with pytest.raises(RuleViolation) as late:
        rework(case, factories.tomorrow(14))
    assert late.value.code == "warranty_over"


def test_paying_a_rework_is_not_possible(case, clock):
    serve(case, clock)
    confirm(case)
    child = rework(case)
    outbox.deliver_due()
    with pytest.raises(RuleViolation) as refused:
        pay(child)
    assert refused.value.code == "nothing_to_pay"
