"""What the worker earned in a period, to be confirmed or disputed."""

import io
from typing import Any

import sqlalchemy as sa
from flask import Response, send_file
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields
from sqlalchemy.orm import joinedload, selectinload

from app.api.base import Caller, WorkerApi, operation
from app.api.fields import Instant, Word, text_for
from app.api.language import spoken_language
from app.api.paging import Page, page_of
from app.api.schemas import PageQuery, Request, listed
from app.api.words import STATEMENT_STATUS
from app.domain.errors import NotFound
from app.domain.states import AdjustmentStatus, StatementStatus
from app.extensions import db
from app.models import Adjustment, Statement, StatementLine
from app.reports.settlement.labels import ADJUSTMENT_KIND, ADJUSTMENT_REASON
from app.services.money import statements

# Before the approval it is finance's draft.
SHOWN = (
    StatementStatus.APPROVED.value,
    StatementStatus.CONFIRMED.value,
    StatementStatus.DISPUTED.value,
)
DECIDED = (AdjustmentStatus.APPROVED.value, AdjustmentStatus.SETTLED.value)


class DisputeRequest(Request):
    text = text_for(Statement.dispute_text, low=1, required=True)


class StatementRowResponse(Schema):
    number = fields.String(required=True)
    period_from = fields.Date(required=True, attribute="run.period_from")
    period_to = fields.Date(required=True, attribute="run.period_to")
    status = fields.String(required=True)
    status_text = Word(STATEMENT_STATUS, required=True, attribute="status")
    base_fen = fields.Integer(required=True)
    commission_fen = fields.Integer(required=True)
    adjustment_fen = fields.Integer(required=True)
    carried_fen = fields.Integer(required=True)
    payable_fen = fields.Integer(required=True)
    answered_at = Instant(required=True, allow_none=True)


class StatementLineResponse(Schema):
    order_number = fields.String(required=True, attribute="order.number")
    summary = fields.String(required=True, attribute="order.summary")
    service_on = fields.Date(required=True, attribute="order.service_on")
    base_fen = fields.Integer(required=True)
    commission_bp = fields.Integer(required=True)
    commission_fen = fields.Integer(required=True)
    worker_fen = fields.Integer(required=True)


class AdjustmentResponse(Schema):
    """Money beside the orders; negative: taken from what was earned."""

    number = fields.String(required=True)
    kind = fields.String(required=True)
    kind_text = Word(ADJUSTMENT_KIND, required=True, attribute="kind")
    amount_fen = fields.Integer(required=True)
    reason = Word(ADJUSTMENT_REASON, required=True)
    order_number = fields.String(
        required=True, allow_none=True, attribute="order.number", dump_default=None
    )
    statement_number = fields.String(
        required=True, allow_none=True, attribute="statement.number", dump_default=None
    )
    created_at = Instant(required=True)


class StatementResponse(StatementRowResponse):
    """`payable_fen` = base - commission + adjustment + carried, which the next one begins with."""

    dispute_text = fields.String(required=True)
    adjustments = fields.List(fields.Nested(AdjustmentResponse), required=True)
    lines = fields.List(fields.Nested(StatementLineResponse), required=True)


class StatementApi(WorkerApi):
    @operation(
        "worker", "GET", "/statements", summary="My statements, newest first",
        query=PageQuery, response=listed(StatementRowResponse),
    )  # fmt: skip
    def list_statements(self, caller: Caller, query: dict[str, Any]) -> Page:
        return page_of(_mine(caller), [Statement.id], query, newest_first=True)

    @operation(
        "worker", "GET", "/statements/<number:number>", summary="A statement, order by order",
        response=StatementResponse, errors=(404,),
    )  # fmt: skip
    def get_statement(self, caller: Caller, number: str) -> Statement:
        lines = selectinload(Statement.lines).joinedload(StatementLine.order)
        adjustments = selectinload(Statement.adjustments).joinedload(Adjustment.order)
        return _found(_mine(caller).options(lines, adjustments), number)

    @operation(
        "worker", "GET", "/adjustments",
        summary="Rewards, penalties and what refunds took back, newest first",
        query=PageQuery, response=listed(AdjustmentResponse),
    )  # fmt: skip
    def list_adjustments(self, caller: Caller, query: dict[str, Any]) -> Page:
        mine = sa.select(Adjustment).where(
            Adjustment.worker_id == caller.id, Adjustment.status.in_(DECIDED)
        )
        whole = mine.options(joinedload(Adjustment.order), joinedload(Adjustment.statement))
        return page_of(whole, [Adjustment.id], query, newest_first=True)

    @operation(
        "worker", "POST", "/statements/<number:number>/confirm", summary="It is right",
        response=StatementRowResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def confirm_statement(self, caller: Caller, number: str) -> Statement:
        found = _found(_mine(caller), number)
        return statements.confirm_statement(found.id, caller.id, actor=caller.actor)

    @operation(
        "worker", "POST", "/statements/<number:number>/dispute", summary="It is wrong, because…",
        request=DisputeRequest, response=StatementRowResponse, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def dispute_statement(self, caller: Caller, number: str, body: dict[str, Any]) -> Statement:
        found = _found(_mine(caller), number)
        return statements.dispute_statement(found.id, caller.id, **body, actor=caller.actor)

    @operation(
        "worker", "GET", "/statements/<number:number>/pdf", summary="The statement as a PDF",
        produces="application/pdf", errors=(404,),
    )  # fmt: skip
    def get_pdf(self, caller: Caller, number: str) -> Response:
        from app.reports.statement_pdf import write_statement_pdf

        found = _found(_mine(caller), number)
        target = io.BytesIO()
        write_statement_pdf(found.id, target, locale=spoken_language())
        target.seek(0)
        return send_file(target, "application/pdf", True, f"{number}.pdf", max_age=0)


def _mine(caller: Caller) -> sa.Select[tuple[Statement]]:
    mine = sa.select(Statement).where(Statement.worker_id == caller.id, Statement.status.in_(SHOWN))
    return mine.options(joinedload(Statement.run))


def _found(query: sa.Select[tuple[Statement]], number: str) -> Statement:
    statement = db.session.scalar(query.where(Statement.number == number))
    if statement is None:
        raise NotFound(_l("This statement does not exist"), number=number)
    return statement
