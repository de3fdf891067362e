"""The figures at the top of a customer's or worker's page, in few statements."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from app.domain.actors import Actor
from app.extensions import db
from app.models import (
    Complaint,
    Coupon,
    CustomerAccount,
    LedgerAccount,
    Order,
    PerformancePeriod,
    Worker,
    WorkerDocument,
)
from app.services import access, clock
from app.services.system import parameters
from app.views.formatters import badge, day, filled, money
from app.views.traffic_light import light

Stat = tuple[Any, Any, Any, str]  # label, value, note, kind
Lists = Callable[[str], bool]  # whether the person may list the rows of a screen
OPEN_COMPLAINTS = ("resolved", "closed")


def of_customer(row: CustomerAccount, *, lists: Lists, actor: Actor) -> list[Stat]:
    """Orders, what was paid, what is open, as far as the actor may see the rows."""
    mine = sa.and_(Order.customer_id == row.id, access.condition(Order, actor))
    total, done, paid, last = db.session.execute(
        sa.select(
            sa.func.count(Order.id),
            sa.func.count(sa.case((Order.status == "completed", 1))),
            sa.func.coalesce(sa.func.sum(Order.captured_fen - Order.refunded_fen), 0),
            sa.func.max(Order.created_at),
        ).where(mine)
    ).one()
    told: list[Stat] = [
        (_("Orders"), total, _("%(count)d completed", count=done), ""),
        (_("Last order"), day(clock.city_date(last) if last else None), "", ""),
    ]
    if lists("PaymentAttemptView"):
        told.append((_("Paid, less refunds"), money(paid), "", ""))
    coupons = sa.select(sa.func.count(Coupon.id)).filter_by(customer_id=row.id, status="given")
    told.append((_("Coupons to use"), db.session.scalar(coupons) or 0, "", ""))
    if lists("ComplaintView"):
        told.append(_complaints(Complaint.customer_id == row.id, actor))
    return told


def of_worker(row: Worker, *, lists: Lists, actor: Actor) -> list[Stat]:
    """Papers, score, rating, complaints, balance: each for who may list what it sums up."""
    rating = f"{row.rating} ★" if row.rating else "—"
    told: list[Stat] = []
    if lists("WorkerDocumentView"):
        told.append(_papers(row))
    if lists("PerformancePeriodView"):
        told.append(_score(row))
    told.append((_("Rating"), rating, _("%(count)d reviews", count=row.rating_count), ""))
    if lists("ComplaintView"):
        told.append(_complaints(Complaint.worker_id == row.id, actor))
    if lists("LedgerAccountView"):
        told += _balance(row)
    return told


def _papers(row: Worker) -> Stat:
    """The worst of all papers, judged now; a paper that is missing or not checked is red."""
    needed = parameters.get("workers.documents")
    papers = db.session.scalars(sa.select(WorkerDocument).filter_by(worker_id=row.id)).all()
    good = {paper.kind: light(paper.valid_to) for paper in papers if paper.status == "approved"}
    lights = {*good.values(), *("bad" for kind in needed if kind not in good)}
    if "bad" in lights:
        return _("Documents"), badge("bad", _("Missing or expired")), "", "bad"
    if "warn" in lights:
        return _("Documents"), badge("warn", _("End soon")), "", "warn"
    return _("Documents"), badge("good", _("In order")), "", ""


def _score(row: Worker) -> Stat:
    last = sa.select(PerformancePeriod).filter_by(worker_id=row.id)
    last = last.order_by(PerformancePeriod.period_from.desc()).limit(1)
    period = db.session.scalar(last)
    if period is None:
        return _("Score"), "—", "", ""
    return _("Score"), f"{period.score} {period.grade}", f"{period.period_from:%Y-%m}", ""


def _complaints(of_person: Any, actor: Actor) -> Stat:
    total, still = db.session.execute(
        sa.select(
            sa.func.count(Complaint.id),
            sa.func.count(sa.case((Complaint.status.not_in(OPEN_COMPLAINTS), 1))),
        ).where(of_person, access.condition(Complaint, actor))
    ).one()
    return _("Complaints"), total, _("%(count)d open", count=still), "bad" if still else ""


def _balance(row: Worker) -> list[Stat]:
    query = sa.select(LedgerAccount.code, LedgerAccount.balance_fen).filter_by(
        owner_kind="worker", owner_id=row.id
    )
    sums = dict(db.session.execute(query).tuples().all())
    free = sums.get("worker_available", 0)
    frozen = sums.get("worker_frozen", 0)
    owed = sums.get("worker_negative", 0)
    held = filled(_("%(amount)s held"), amount=money(frozen))
    told: list[Stat] = [(_("Balance"), money(free), held, "")]
    if owed:
        told.append((_("Owed by the worker"), money(owed), "", "bad"))
    return told
