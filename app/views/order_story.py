"""Everything that one order's page tells, read in a fixed number of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy.orm import contains_eager, joinedload

from app.domain.money import yuan
from app.extensions import db
from app.models import Assignment, Attachment, Order, OrderEvent, Review, Visit, Worker
from app.services.clock import city_time
from app.views import labels
from app.views.labels import word
from app.views.labels_channels import channel_failure
from app.views.labels_events import EVENT
from app.views.labels_reasons import REASON

MOST_EVENTS = 200
MOST_PHOTOS = 60
OF_CHANNELS = {"payment.failed", "refund.failed"}  # their reason is a channel's code
BAD = {
    "unassigned", "pay_timeout", "capacity_lost", "offer_rejected", "exception", "escalated",
    "nobody_found", "worker_no_show",
}  # fmt: skip
GOOD = {"paid", "accepted", "completed", "confirmed", "reviewed", "payment.succeeded"}


@dataclass(frozen=True)
class Told:
    """One line of the timeline."""

    at: datetime
    title: str
    text: str
    who: str
    kind: str


@dataclass(frozen=True)
class Progress:
    """A visit with its crew and how far it is: [(label, instant or None)]."""

    visit: Visit
    crew: Sequence[Assignment]
    steps: Sequence[tuple[str, datetime | None]]


def progress_of(order: Order) -> list[Progress]:
    """The visits with who goes there. Assignments that ended are told at the end."""
    rows = db.session.execute(
        sa.select(Visit, Assignment)
        .outerjoin(Assignment, Assignment.visit_id == Visit.id)
        .outerjoin(Worker, Worker.id == Assignment.worker_id)
        .options(contains_eager(Assignment.worker).joinedload(Worker.account))
        .where(Visit.order_id == order.id)
        .order_by(Visit.sequence, Assignment.status == "ended", Assignment.role, Assignment.id)
    ).all()
    crews: dict[Visit, list[Assignment]] = {}
    for visit, assignment in rows:
        crews.setdefault(visit, []).extend([assignment] if assignment else [])
    return [Progress(visit, crew, _steps(visit)) for visit, crew in crews.items()]


def _steps(visit: Visit) -> list[tuple[str, datetime | None]]:
    return [(_("Work began"), visit.checked_in_at), (_("Work ended"), visit.checked_out_at)]


def photos_of(order: Order) -> Sequence[Attachment]:
    return db.session.scalars(
        sa.select(Attachment)
        .filter_by(order_id=order.id)
        .order_by(Attachment.id)
        .limit(MOST_PHOTOS)
    ).all()


def review_of(order: Order) -> Review | None:
    found: Review | None = db.session.scalar(
        sa.select(Review).options(joinedload(Review.worker)).filter_by(order_id=order.id)
    )
    return found


def timeline_of(order: Order, *about: sa.ColumnElement[bool]) -> list[Told]:
    """What happened, the newest first; all of it, or what the conditions on OrderEvent leave."""
    rows = db.session.execute(
        sa.select(OrderEvent, User.last_name, User.first_name)
        .outerjoin(User, sa.and_(OrderEvent.actor_kind == "staff", User.id == OrderEvent.actor_id))
        .where(OrderEvent.order_id == order.id, *about)
        .order_by(OrderEvent.id.desc())
        .limit(MOST_EVENTS)
    ).all()
    names = _worker_names(event for event, *_rest in rows)
    return [_told(event, f"{last or ''}{first or ''}", order, names) for event, last, first in rows]


def _worker_names(events: Iterable[OrderEvent]) -> Mapping[int, str]:
    wanted = {
        key
        for event in events
        for key in (*workers_in(event.data), event.actor_id if event.actor_kind == "worker" else 0)
        if key
    }
    if not wanted:
        return {}
    rows = db.session.execute(sa.select(Worker.id, Worker.name).where(Worker.id.in_(wanted)))
    return dict(rows.tuples().all())


def workers_in(data: Mapping[str, Any] | None) -> list[int]:
    """Keys of the workers that an event speaks of."""
    one, several = (data or {}).get("worker_id"), (data or {}).get("workers") or []
    return [key for key in [one, *several] if isinstance(key, int)]


def _told(event: OrderEvent, staff: str, order: Order, names: Mapping[int, str]) -> Told:
    kind = "bad" if event.kind in BAD else "good" if event.kind in GOOD else "info"
    return Told(
        event.at,
        word(EVENT, event.kind),
        _text(event, names),
        _who(event, staff, order, names),
        kind,
    )


def _text(event: OrderEvent, names: Mapping[int, str]) -> str:
    parts = []
    if event.to_status and event.from_status:
        old, new = (labels.ORDER_STATUS.get(s, s) for s in (event.from_status, event.to_status))
        parts.append(f"{old} → {new}")
    workers = [names[key] for key in workers_in(event.data) if key in names]
    if workers:
        parts.append(_("Worker: %(names)s", names=_(", ").join(workers)))
    visits = (event.data or {}).get("visits")
    if visits:
        parts.append(_("Visit %(numbers)s", numbers=_(", ").join(str(one) for one in visits)))
    parts += _what(event.data or {})
    told = (event.data or {}).get("new_start") or (event.data or {}).get("after")
    if isinstance(told, str):
        parts.append(_("New time: %(time)s", time=_minute(told)))
    parts += _edited(event.data or {})
    if event.reason:
        of_channel = event.kind in OF_CHANNELS
        reason = channel_failure(event.reason) if of_channel else word(REASON, event.reason)
        parts.append(_("Reason: %(reason)s", reason=reason))
    return " · ".join(parts)


def _edited(data: Mapping[str, Any]) -> list[str]:
    """What an order was before it was changed, and after that."""
    before, after = data.get("before"), data.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    prices = {"before": yuan(before["total_fen"]), "after": yuan(after["total_fen"])}
    time, price = after["planned_start"], _("Price ¥%(before)s, now ¥%(after)s", **prices)
    return [
        *([_("New time: %(time)s", time=_minute(time))] if time != before["planned_start"] else []),
        *([price] if after["total_fen"] != before["total_fen"] else []),
    ]


def _what(data: Mapping[str, Any]) -> list[str]:
    """What was added or paid, and how much; which order does it again."""
    fen = data.get("amount_fen", data.get("difference_fen"))
    named = [data[key] for key in ("name", "child") if isinstance(data.get(key), str)]
    return [*named, *([f"¥{yuan(fen)}"] if isinstance(fen, int) else [])]


def _minute(told: str) -> str:
    return city_time(datetime.fromisoformat(told)).strftime("%Y-%m-%d %H:%M")


def _who(event: OrderEvent, staff: str, order: Order, names: Mapping[int, str]) -> str:
    kind = str(labels.ACTOR_KIND.get(event.actor_kind, event.actor_kind))
    if event.actor_kind == "staff" and staff:
        return f"{kind} {staff}"
    if event.actor_kind == "customer":
        return f"{kind} {order.customer}"
    if event.actor_kind == "worker":
        return f"{kind} {names.get(event.actor_id or 0, '')}".strip()
    return kind
