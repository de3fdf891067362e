"""The worker's schedule, and the verbs of a visit."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import contains_eager, joinedload

from app.api.base import Caller, WorkerApi, operation
from app.api.places import point_of
from app.api.worker.visit_schemas import (
    AddOnRequest,
    CheckInRequest,
    PhotoForm,
    PhotoResponse,
    PresenceRequest,
    ProposedAddOnResponse,
    ScheduleQuery,
    VisitDoneResponse,
    VisitListResponse,
    VisitResponse,
)
from app.domain.errors import InvalidInput, NotFound, PayloadTooLarge
from app.domain.states import AssignmentStatus
from app.extensions import db
from app.models import AddOn, Assignment, Attachment, Order, Visit
from app.services.orders import add_ons
from app.services.visits import attachments, checking
from app.services.visits.checking import Presence

LONGEST_SPAN = timedelta(days=31)
MOST_VISITS = 1000  # more than anybody can have in a month
PHOTO_BYTES = 10 * 1024 * 1024


class VisitApi(WorkerApi):
    @operation(
        "worker", "GET", "/visits", summary="My schedule from one day to another (31 at most)",
        query=ScheduleQuery, response=VisitListResponse,
    )  # fmt: skip
    def list_visits(self, caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
        first, last = query["first"], query["last"]
        if not first <= last < first + LONGEST_SPAN:
            raise InvalidInput(_l("Ask for 1 to %(days)s days", days=31), code="span_invalid")
        days = Visit.service_on.between(first, last)
        ordered = _places(caller).where(days).order_by(Visit.planned_start, Assignment.id)
        return {"items": db.session.scalars(ordered.limit(MOST_VISITS)).all()}

    @operation(
        "worker", "GET", "/visits/<row:visit_id>",
        summary="Where to go, what to do, what to know", response=VisitResponse, errors=(404,),
    )  # fmt: skip
    def get_visit(self, caller: Caller, visit_id: int) -> dict[str, Any]:
        whole = _places(caller).options(joinedload(Assignment.order).selectinload(Order.items))
        place = _place_of(whole, visit_id)
        photos = sa.select(Attachment).filter_by(visit_id=visit_id).order_by(Attachment.id)
        return {"place": place, "photos": db.session.scalars(photos).all()}

    @operation(
        "worker", "POST", "/visits/<row:visit_id>/depart", summary="I set out",
        request=PresenceRequest, response=VisitDoneResponse, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def depart(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> Visit:
        return checking.depart(visit_id, caller.id, _presence(body), actor=caller.actor)

    @operation(
        "worker", "POST", "/visits/<row:visit_id>/check-in",
        summary="I am there: shown by my position or by the customer's code",
        request=CheckInRequest, response=VisitDoneResponse, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def check_in(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> Visit:
        return checking.check_in(visit_id, caller.id, _presence(body), actor=caller.actor)

    @operation(
        "worker", "POST", "/visits/<row:visit_id>/check-out", summary="The work is done",
        request=PresenceRequest, response=VisitDoneResponse, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def check_out(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> Visit:
        return checking.check_out(visit_id, caller.id, _presence(body), actor=caller.actor)

    @operation(
        "worker", "POST", "/visits/<row:visit_id>/add-ons",
        summary="Propose more work or time; the customer answers", request=AddOnRequest,
        response=ProposedAddOnResponse, status=201, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def propose_add_on(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> AddOn:
        return add_ons.propose(visit_id, caller.id, **body, actor=caller.actor)

    @operation(
        "worker", "POST", "/visits/<row:visit_id>/photos",
        summary="Add a picture or short video; the same file again is found again",
        form=PhotoForm, response=PhotoResponse, status=201, errors=(404, 409, 422),
    )  # fmt: skip
    def add_photo(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> Attachment:
        _place_of(_places(caller), visit_id)  # before a stranger's file is even read
        content = body["file"].stream.read(PHOTO_BYTES + 1)
        if len(content) > PHOTO_BYTES:
            raise PayloadTooLarge(_l("The file is too large."), limit_bytes=PHOTO_BYTES)
        return attachments.add_photo(visit_id, caller.id, body["kind"], content, actor=caller.actor)


def _places(caller: Caller) -> sa.Select[tuple[Assignment]]:
    """The worker's places in visits, with visit and order."""
    return (
        sa.select(Assignment)
        .join(Assignment.visit)
        .where(
            Assignment.worker_id == caller.id,
            Assignment.status != AssignmentStatus.ENDED.value,
        )
        .options(contains_eager(Assignment.visit), joinedload(Assignment.order))
    )


def _place_of(places: sa.Select[tuple[Assignment]], visit_id: int) -> Assignment:
    place = db.session.scalar(places.where(Assignment.visit_id == visit_id))
    if place is None:
        raise NotFound(_l("This visit does not exist"), visit_id=visit_id)
    return place


def _presence(body: dict[str, Any]) -> Presence:
    position = body.get("position")
    return Presence(
        position=point_of(position) if position else None,
        code=body.get("code"),
        device_at=body.get("device_at"),
    )
