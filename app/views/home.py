"""The start page: what needs somebody today. Each figure opens its rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app.domain.actors import Actor
from app.domain.ledger import WORKER_CASH
from app.extensions import db
from app.models import (
    Complaint,
    Incident,
    Leave,
    LedgerAccount,
    LedgerProof,
    Offer,
    Order,
    PaymentAttempt,
    Statement,
    Visit,
    Withdrawal,
    Worker,
    WorkerDocument,
)
from app.services import access, clock
from app.services.quality.complaints import FINISHED
from app.services.system import ledger_proofs
from app.views.base import IndexView, expose
from app.views.formatters import instant, money
from app.views.home_links import QUICK, QUICK_OF_PARTNER, quick_links
from app.views.inbox import waiting_for_me

HOURS = (2, 6, 24)
MOST_WAITING = 8
OPEN = ("pending_dispatch", "in_service", "en_route", "exception", "pending_confirm")


@dataclass(frozen=True)
class Tile:
    label: str
    value: Any
    url: str
    kind: str = ""
    note: Any = ""


def _count(*conditions: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)


def order_tiles(actor: Actor) -> Iterator[Tile]:
    """One statement for all figures of orders that are under way."""
    now = clock.now()
    waiting = Order.status == "pending_dispatch"
    columns = [_count(waiting, Order.planned_start < now + timedelta(hours=h)) for h in HOURS]
    columns += [_count(waiting)]
    columns += [_count(Order.status == status) for status in OPEN[1:]]
    query = sa.select(*columns).where(Order.status.in_(OPEN), access.condition(Order, actor))
    figures = [int(value) for value in db.session.execute(query).one()]
    for hours, count in zip(HOURS, figures, strict=False):
        url = _orders("pending_dispatch", _flt_0_hours=hours)
        label = _("Unassigned, start within %(hours)d h", hours=hours)
        yield Tile(label, count, url, "bad" if count else "")
    labels = [
        _("Unassigned, all"), _("In service"), _("On the way"), _("Exceptions"),
        _("To be confirmed"),
    ]  # fmt: skip
    for label, status, count in zip(labels, OPEN, figures[len(HOURS) :], strict=True):
        yield Tile(label, count, _orders(status), "bad" if status == "exception" and count else "")


def _orders(status: str, **more: Any) -> str:
    soonest: dict[str, Any] = {"_oc_OrderView": "planned_start", "_od_OrderView": "asc"}
    return url_for("OrderView.list", _flt_0_status=status, **more, **soonest)


def _rows(model: Any, actor: Actor, *conditions: Any) -> int:
    query = sa.select(sa.func.count()).select_from(model)
    return db.session.scalar(query.where(access.condition(model, actor), *conditions)) or 0


def offer_tiles(actor: Actor) -> Iterator[Tile]:
    count = _rows(Offer, actor, Offer.status == "live")
    yield Tile(_("Offers waiting"), count, url_for("OfferView.list", _flt_0_status="live"))


def incident_tiles(actor: Actor) -> Iterator[Tile]:
    """Visits that nobody has accepted, whoever did not come, exceptions, and what else."""
    count = _rows(Incident, actor, Incident.status == "open")
    url = url_for("IncidentView.list", _flt_0_status="open")
    yield Tile(_("Incidents to look at"), count, url, "bad" if count else "")


def payment_tiles(actor: Actor) -> Iterator[Tile]:
    today = clock.today()
    start = clock.start_of(today)
    query = sa.select(
        sa.func.count(PaymentAttempt.id),
        sa.func.coalesce(sa.func.sum(PaymentAttempt.amount_fen), 0),
    ).where(
        PaymentAttempt.status == "succeeded",
        PaymentAttempt.paid_at >= start,
        access.condition(PaymentAttempt, actor),
    )
    count, total = db.session.execute(query).one()
    days: dict[str, Any] = {"_flt_1_paid_at": today, "_flt_2_paid_at": today}
    url = url_for("PaymentAttemptView.list", _flt_0_status="succeeded", **days)
    note = _("%(count)d payments", count=count)
    yield Tile(_("Paid today"), money(int(total)), url, note=note)
    yield from _cash_tiles(actor)


def _cash_tiles(actor: Actor) -> Iterator[Tile]:
    """What workers have of customers' cash, while there is any."""
    mine = sa.select(Worker.id).where(access.condition(Worker, actor))
    query = sa.select(sa.func.count(), sa.func.sum(LedgerAccount.balance_fen)).where(
        LedgerAccount.code == WORKER_CASH,
        LedgerAccount.balance_fen > 0,
        LedgerAccount.owner_id.in_(mine),
    )
    count, total = db.session.execute(query).one()
    if count:
        url = url_for("PaymentAttemptView.list", _flt_0_held="y")
        note = _("held by %(count)d workers", count=count)
        yield Tile(_("Cash not handed in"), money(int(total)), url, note=note)


def approval_tiles(actor: Actor) -> Iterator[Tile]:
    """What this person may decide: not what he asked for himself."""
    waiting = waiting_for_me() or {"count": "0", "url": url_for("ApprovalView.list")}
    kind = "warn" if waiting["count"] != "0" else ""
    yield Tile(_("Approvals waiting for me"), waiting["count"], waiting["url"], kind)


def withdrawal_tiles(actor: Actor) -> Iterator[Tile]:
    query = sa.select(
        _count(Withdrawal.status == "applied"), _count(Withdrawal.status == "reviewed")
    ).where(Withdrawal.status.in_(("applied", "reviewed")), access.condition(Withdrawal, actor))
    applied, reviewed = db.session.execute(query).one()
    for label, status, count in (
        (_("Withdrawals to review"), "applied", applied),
        (_("Withdrawals to send"), "reviewed", reviewed),
    ):
        yield Tile(label, int(count), url_for("WithdrawalView.list", _flt_0_status=status))


def ledger_tiles(actor: Actor) -> Iterator[Tile]:
    """What the latest proof of the ledger said."""
    proof = ledger_proofs.latest()
    if proof is None or access.condition(LedgerProof, actor).compare(sa.false()):
        return
    value = _("Adds up") if proof.whole else _("Does not add up")
    kind, url = "" if proof.whole else "bad", url_for("LedgerProofView.list")
    yield Tile(_("Ledger"), value, url, kind, note=instant(proof.finished_at))


def leave_tiles(actor: Actor) -> Iterator[Tile]:
    count = _rows(Leave, actor, Leave.status == "asked")
    yield Tile(_("Leave asked for"), count, url_for("LeaveView.list", _flt_0_status="asked"))


def document_tiles(actor: Actor) -> Iterator[Tile]:
    count = _rows(WorkerDocument, actor, WorkerDocument.status == "submitted")
    url = url_for("WorkerDocumentView.list", _flt_0_status="submitted")
    yield Tile(_("Documents to check"), count, url)


def complaint_tiles(actor: Actor) -> Iterator[Tile]:
    """Those that nobody looks after, and those that this person does."""
    mine = sa.and_(
        Complaint.handler_id == actor.id, Complaint.status.not_in([s.value for s in FINISHED])
    )
    query = sa.select(_count(Complaint.status == "new"), _count(mine))
    new, own = db.session.execute(query.where(access.condition(Complaint, actor))).one()
    url = url_for("ComplaintView.list", _flt_0_status="new")
    yield Tile(_("Complaints without a handler"), int(new), url, "bad" if new else "")
    url = url_for("ComplaintView.list", _flt_0_handler=actor.id)
    yield Tile(_("My open complaints"), int(own), url, "warn" if own else "")


def partner_tiles(actor: Actor) -> Iterator[Tile]:
    """What an agency looks at: where its workers are today, and what it is to be paid."""
    today = clock.today()
    start, end = clock.start_of(today), clock.start_of(today + timedelta(days=1))
    visits = _rows(Visit, actor, Visit.planned_start >= start, Visit.planned_start < end)
    days: dict[str, Any] = {"_flt_1_planned_start": today, "_flt_2_planned_start": today}
    yield Tile(_("Visits today"), visits, url_for("VisitView.list", **days))
    workers = _rows(Worker, actor, Worker.status == "approved")
    yield Tile(_("Workers"), workers, url_for("WorkerView.list", _flt_0_status="approved"))
    leave = _rows(Leave, actor, Leave.status == "asked")
    yield Tile(_("Leave asked for"), leave, url_for("LeaveView.list", _flt_0_status="asked"))
    open_ = _rows(Statement, actor, Statement.status == "approved")
    url = url_for("StatementView.list", _flt_0_status="approved")
    yield Tile(_("Statements without an answer"), open_, url)


def waiting_orders(actor: Actor) -> Sequence[Order]:
    """The orders without a worker that start first."""
    query = (
        sa.select(Order)
        .options(joinedload(Order.customer), joinedload(Order.area))
        .where(Order.status == "pending_dispatch", access.condition(Order, actor))
        .order_by(Order.planned_start, Order.id)
        .limit(MOST_WAITING)
    )
    return db.session.scalars(query).all()


# Whoever may open the rows, or act on them, sees the figures.
TILES: Mapping[str, tuple[str, Callable[[Actor], Iterator[Tile]]]] = {
    "DispatchRunView": ("can_list", order_tiles),
    "OfferView": ("can_list", offer_tiles),
    "IncidentView": ("can_take", incident_tiles),
    "ApprovalView": ("can_approve", approval_tiles),
    "PaymentAttemptView": ("can_list", payment_tiles),
    "WithdrawalView": ("can_list", withdrawal_tiles),
    "LedgerProofView": ("can_list", ledger_tiles),
    "ComplaintView": ("can_assign", complaint_tiles),
    "LeaveView": ("can_approve", leave_tiles),
    "WorkerDocumentView": ("can_approve", document_tiles),
}


class HomeView(IndexView):
    @expose("/")
    def index(self) -> Any:
        if not self.actor.id:
            return redirect(self.appbuilder.get_url_for_login)
        sm = self.appbuilder.sm
        tiles = [
            tile
            for view, (permission, made) in TILES.items()
            if sm.has_access(permission, view)
            for tile in made(self.actor)
        ]
        if self._is_partner():
            tiles = list(partner_tiles(self.actor))
        dispatches = sm.has_access("can_dispatch", "OrderView")
        waiting = waiting_orders(self.actor) if dispatches else []
        return self.render_template(
            "home/index.html", title=_("Today"), tiles=tiles, waiting=waiting,
            quick=quick_links(QUICK_OF_PARTNER if self._is_partner() else QUICK),
        )  # fmt: skip

    def _is_partner(self) -> bool:
        return isinstance(access.reach_of(self.actor), access.OfPartner)
