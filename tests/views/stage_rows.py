"""A row of each table that a company has beside its orders, for screens and resources to show."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app import models as m
from app.domain.actors import SYSTEM
from app.extensions import db
from app.services import clock
from app.services.quality import complaints
from tests import factories
from tests.kit.clients import add_staff

SOON = timedelta(days=7)


def build(stage: Any) -> None:
    """One row each, saved in few transactions."""
    staff = add_staff("operations")
    rows = [
        *_catalogue(stage), *_customers(stage), *_people(stage), *_orders(stage, staff.id),
        *_quality(stage), *_money(stage, staff.id), *_office(stage, staff.id),
    ]  # fmt: skip
    factories.save(*rows)
    factories.save(*_second(stage))
    complaints.create(
        stage.completed.customer_id, order_id=stage.completed.id, category="quality",
        severity="high", text="厨房没有擦干净", source="phone", actor=SYSTEM,
    )  # fmt: skip
    factories.save(*_third(stage, staff.id))


def _catalogue(stage: Any) -> list[Any]:
    area = stage.company.area.id
    rule = m.PriceRule(
        name="周末", kind="weekday", area_id=area, weekdays=96, rate_bp=1000,
        valid_from=date(2030, 1, 1), from_minute=480, to_minute=1440,
    )  # fmt: skip
    return [
        rule,
        m.Checklist(service_id=stage.company.cleaning.id, text="擦窗"),
        m.Holiday(day=date(2030, 10, 1), name="国庆节"),
    ]


def _customers(stage: Any) -> list[Any]:
    customer, worker = stage.company.customer.id, stage.lead.id
    return [
        m.Preference(customer_id=customer, worker_gender="female", payment_method="wechat"),
        m.Favourite(customer_id=customer, worker_id=worker),
        m.BlockedPair(customer_id=customer, worker_id=stage.other.id, asked_by="customer"),
        m.Consent(
            customer_id=customer, kind="privacy", text_version="甲", given=True, at=clock.now()
        ),
        m.Source(code="shop", name="门店", kind="shop"),
        m.Tag(name="老客户", colour="good"),
        m.Segment(name="沉默客户", rules={"quiet_days": 90, "spent_from_fen": 10000}),
        m.CouponTemplate(
            code="new", name="新客", amount_fen=2000, given_count=1, valid_from=clock.now(),
            valid_to=clock.now() + SOON,
        ),
    ]  # fmt: skip


def _people(stage: Any) -> list[Any]:
    worker, branch, today = stage.lead.id, stage.company.branch.id, clock.today()
    return [
        m.FaceCheck(worker_id=worker),
        m.TrainingRecord(worker_id=worker, course="消毒", held_on=today, result="passed"),
        m.Experience(worker_id=worker, employer="幸福家政", work="保洁", started_on=today),
        m.Team(branch_id=branch, name="一队", lead_id=worker),
        m.Availability(worker_id=worker, weekday=0, from_minute=480, to_minute=1080),
        m.ShiftTemplate(
            branch_id=branch, name="早班", from_minute=480, to_minute=960, breaks=[[720, 780]]
        ),
        m.PerformancePeriod(
            worker_id=worker,
            period_from=today,
            period_to=today,
            score=92,
            grade="A",
            terms={"rating": 420, "on_time": 300},
        ),
        m.Partner(branch_id=branch, name="安心家政", code="calm"),
        m.Reward(worker_id=worker, kind="reward", amount_fen=5000, reason="好评"),
    ]


def _orders(stage: Any, staff_id: int) -> list[Any]:
    order, worker, now = stage.offered, stage.lead.id, clock.now()
    done = db.session.scalars(sa.select(m.Visit).filter_by(order_id=stage.completed.id)).one()
    branch = stage.company.branch.id
    return [
        m.ServicePlan(
            number="P1", branch_id=branch, customer_id=order.customer_id,
            address_id=stage.company.address.id, request=_wished(stage), rrule="FREQ=WEEKLY",
            starts_on=clock.today(), start_minute=540,
        ),
        m.MoveRequest(
            order_id=order.id, asked_by="customer", old_start=now, new_start=now + SOON,
            new_end=now + SOON + timedelta(hours=2), answer_by=now + timedelta(hours=6),
        ),
        m.Cancellation(
            order_id=stage.unpaid.id, party="customer", reason_code="changed_mind", reason="改期",
            step="free", arithmetic={"price_fen": 20_000, "rate_bp": 3000, "fee_fen": 6000},
            actor_kind="customer", at=now,
        ),
        m.AddOn(
            order_id=stage.completed.id, visit_id=done.id, worker_id=worker, kind="time",
            name="加时", minutes=30, amount_fen=3000,
        ),
        m.VisitNote(visit_id=done.id, worker_id=worker, text="客户家有猫"),
        m.LocationPing(worker_id=worker, visit_id=done.id, lat=23.1, lng=113.2, at=now),
        m.DispatchPolicy(
            branch_id=branch, revision=1, name="标准",
            weights={"travel": 30, "skill_fit": 15, "rating": 25, "load": 15, "continuity": 15},
        ),
        m.BoardAction(
            branch_id=branch, staff_id=staff_id, kind="assign", order_id=order.id,
            before={"worker_id": stage.other.id}, after={"worker_id": worker},
        ),
        m.Incident(kind="damage", branch_id=branch, order_id=order.id, text="打碎花瓶"),
    ]  # fmt: skip


def _wished(stage: Any) -> dict[str, Any]:
    return {"items": [{"service_id": stage.company.cleaning.id, "quantity": 2, "options": []}]}


def _quality(stage: Any) -> list[Any]:
    review = db.session.scalars(sa.select(m.Review)).one()
    return [
        m.ReviewReply(review_id=review.id, actor_kind="staff", actor_id=1, text="谢谢"),
        m.ReviewAppeal(review_id=review.id, worker_id=stage.lead.id, reason="误点"),
        m.Feedback(
            actor_kind="customer", actor_id=stage.company.customer.id, kind="praise", text="很好"
        ),
        m.Cause(code="hurry", name="时间太紧"),
    ]


def _money(stage: Any, staff_id: int) -> list[Any]:
    today = clock.today()
    return [
        m.ChannelBill(
            channel="wechat", kind="trade", bill_on=today, storage_key="1", sha256="1" * 64
        ),
        m.ReconciliationRun(channel="wechat", bill_on=today, matched=3),
        m.Adjustment(
            number="A1", branch_id=stage.company.branch.id, worker_id=stage.lead.id,
            kind="reward", amount_fen=5000, reason="好评",
        ),
        m.TaxBracket(table_code="labour", valid_from=today, from_fen=80_000, rate_bp=2000),
        m.PayoutBatch(number="B1", branch_id=stage.company.branch.id, made_by_id=staff_id),
        m.ManualJournal(
            number="M1", reason="手续费", booked_on=today, total_fen=5, asked_by_id=staff_id,
            lines=[
                {"code": code, "amount_fen": fen, "owner_kind": "", "owner_id": 0, "order_id": None}
                for code, fen in (("channel_fees", 5), ("bank", -5))
            ],
        ),
        m.LedgerProof(
            started_at=clock.now(), finished_at=clock.now(), whole=False, asked_by_id=staff_id,
            results=[
                {"number": 1, "ok": False, "failures": {"journals_balance": [1]}, "figures": {
                    "journals": 1, "postings": 1, "debit_fen": 1, "credit_fen": 2, "accounts": 1,
                    "wrong": 1,
                }},
            ],
        ),
        m.PeriodSeal(
            period_from=date(2030, 4, 1), period_to=date(2030, 4, 30), last_journal_id=1,
            totals={}, hash="1" * 64, sealed_by_id=staff_id, sealed_at=clock.now(),
        ),
    ]  # fmt: skip


def _office(stage: Any, staff_id: int) -> list[Any]:
    return [
        m.Note(
            subject_kind="customer", subject_id=stage.company.customer.id, text="先打电话",
            branch_id=stage.company.branch.id, staff_id=staff_id,
        ),
        m.NotificationTemplate(
            event="order.accepted", channel="sms", role="customer", text="{number} 已接单"
        ),
        m.SavedView(staff_id=staff_id, name="今天", path="/orders/list/", shared=True),
        m.ImportBatch(
            kind="客户", file_name="客户.xlsx", sha256="1" * 64, staff_id=staff_id,
            errors=[{"row": 3, "text": "没有这个区域"}],
        ),
        m.Backup(storage_key="1", rows={"customer_account": 200}),
    ]  # fmt: skip


def _second(stage: Any) -> list[Any]:
    """Rows that belong to those of before."""
    team, plan, tag, segment, template, bill, run, point, backup = (
        db.session.scalars(sa.select(model.id)).first()
        for model in (
            m.Team, m.ServicePlan, m.Tag, m.Segment, m.CouponTemplate, m.ChannelBill,
            m.ReconciliationRun, m.Checklist, m.Backup,
        )
    )  # fmt: skip
    customer, worker, now = stage.company.customer.id, stage.lead.id, clock.now()
    statement = db.session.scalars(sa.select(m.Statement.id)).first()
    visit = db.session.scalars(sa.select(m.Visit.id).filter_by(order_id=stage.completed.id)).one()
    return [
        m.TeamMember(team_id=team, worker_id=worker),
        m.PlanOccurrence(plan_id=plan, planned_on=clock.today(), starts_at=now),
        m.CustomerTag(customer_id=customer, tag_id=tag),
        m.Campaign(
            name="春天", segment_id=segment, template_id=template, starts_at=now,
            ends_at=now + SOON,
        ),
        m.Coupon(code="K1", template_id=template, customer_id=customer, expires_at=now + SOON),
        m.BillItem(bill_id=bill, kind="payment", reference="1", amount_fen=100),
        m.Difference(run_id=run, kind="only_ours", reference="2", ours_fen=100),
        m.ChecklistAnswer(visit_id=visit, checklist_id=point, worker_id=worker, done=True),
        m.TaxLine(
            statement_id=statement, table_code="labour", base_fen=100, rate_bp=2000, tax_fen=20
        ),
        m.RestoreJob(backup_id=backup, entities=["customer_account"],
            differences={"customer_account": {"added": 2}}, asked_by_id=_any_staff()),
    ]  # fmt: skip


def _any_staff() -> int:
    from flask_appbuilder.security.sqla.models import User

    return db.session.scalars(sa.select(User.id)).first() or 0


def _third(stage: Any, staff_id: int) -> list[Any]:
    coupon = db.session.scalars(sa.select(m.Coupon.id)).one()
    complaint = db.session.scalars(sa.select(m.Complaint.id)).first()
    attempt = db.session.scalars(
        sa.select(m.PaymentAttempt).filter_by(order_id=stage.completed.id)
    ).first()
    refund = m.Refund(
        number="R1", order_id=stage.completed.id, attempt_id=attempt.id, amount_fen=100,
        reason="goodwill", status="rejected",
    )  # fmt: skip
    factories.save(refund)
    return [
        m.Redemption(coupon_id=coupon, order_id=stage.completed.id, amount_fen=2000),
        m.CorrectiveAction(complaint_id=complaint, text="加一次培训", owner_id=staff_id),
        m.RefundAllocation(refund_id=refund.id, attempt_id=attempt.id, amount_fen=100),
    ]
