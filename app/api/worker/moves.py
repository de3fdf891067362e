"""A worker's changes of time: asked for through operations, and answered."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.api.base import Caller, WorkerApi, operation
from app.api.moves import MoveAnswerRequest, MoveAskRequest, MoveListResponse, MoveResponse
from app.api.paging import Page, page_of
from app.api.schemas import PageQuery
from app.domain.states import AssignmentStatus
from app.models import Assignment, MoveRequest
from app.services.orders import moving
from app.services.orders.move_rules import For
from app.services.visits import checking


class WorkerMoveApi(WorkerApi):
    @operation(
        "worker", "POST", "/visits/<row:visit_id>/moves",
        summary="Ask for another time of a visit; operations pass it on to the customer",
        request=MoveAskRequest, response=MoveResponse, status=201, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def ask_for_move(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> MoveRequest:
        order_id = checking.order_of_visit(visit_id, caller.id)
        return moving.propose(
            order_id, **body, side="worker", visit_id=visit_id, **_as_worker(caller)
        )

    @operation(
        "worker", "GET", "/moves", summary="Changes of time of my visits, newest first",
        query=PageQuery, response=MoveListResponse,
    )  # fmt: skip
    def list_moves(self, caller: Caller, query: dict[str, Any]) -> Page:
        place = sa.select(Assignment.id).where(
            Assignment.order_id == MoveRequest.order_id,
            Assignment.worker_id == caller.id,
            Assignment.status != AssignmentStatus.ENDED.value,
        )
        mine = sa.select(MoveRequest).where(place.exists())
        whole = mine.options(joinedload(MoveRequest.order))
        return page_of(whole, [MoveRequest.id], query, newest_first=True)

    @operation(
        "worker", "POST", "/moves/<row:move_id>/agree", summary="I can come at the new time",
        request=MoveAnswerRequest, response=MoveResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def agree_to_move(self, caller: Caller, move_id: int, body: dict[str, Any]) -> MoveRequest:
        return moving.answer(move_id, agree=True, **body, **_as_worker(caller))

    @operation(
        "worker", "POST", "/moves/<row:move_id>/decline", summary="Keep the old time",
        request=MoveAnswerRequest, response=MoveResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def decline_move(self, caller: Caller, move_id: int, body: dict[str, Any]) -> MoveRequest:
        return moving.answer(move_id, agree=False, **body, **_as_worker(caller))

    @operation(
        "worker", "POST", "/moves/<row:move_id>/withdraw",
        summary="Take back what I have asked for", response=MoveResponse,
        errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def withdraw_move(self, caller: Caller, move_id: int) -> MoveRequest:
        return moving.withdraw(move_id, **_as_worker(caller))


def _as_worker(caller: Caller) -> dict[str, Any]:
    return {"whose": For(worker_id=caller.id), "actor": caller.actor}
