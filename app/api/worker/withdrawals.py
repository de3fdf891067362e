"""The worker's money on its way out."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields
from sqlalchemy.orm import joinedload

from app.api.base import Caller, WorkerApi, operation
from app.api.fields import Instant, Whole, Word
from app.api.paging import Page, page_of
from app.api.schemas import PageQuery, Request, listed
from app.api.words import WITHDRAWAL_STATUS
from app.domain.errors import NotFound, OutsideError
from app.extensions import db
from app.models import Withdrawal
from app.services.money import withdrawals

MOST_FEN = 10_000_000_00


class WithdrawalRequest(Request):
    amount_fen = Whole(1, MOST_FEN, required=True)
    payout_account_id = Whole(required=True)


class WithdrawalResponse(Schema):
    """`client_params` open the confirmation while the channel waits for the worker."""

    number = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    channel = fields.String(required=True)
    account_tail = fields.String(required=True, attribute="payout_account.account_tail")
    status = fields.String(required=True)
    status_text = Word(WITHDRAWAL_STATUS, required=True, attribute="status")
    client_params = fields.Dict(required=True, allow_none=True)
    failure = fields.String(required=True)
    applied_on = fields.Date(required=True)
    finished_at = Instant(required=True, allow_none=True)


class WithdrawalApi(WorkerApi):
    @operation(
        "worker", "POST", "/withdrawals", summary="Ask for money; it is set aside at once",
        request=WithdrawalRequest, response=WithdrawalResponse, status=201,
        errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def apply_for(self, caller: Caller, body: dict[str, Any]) -> Withdrawal:
        return withdrawals.apply_for(caller.id, **body, actor=caller.actor)

    @operation(
        "worker", "GET", "/withdrawals", summary="My withdrawals, newest first",
        query=PageQuery, response=listed(WithdrawalResponse),
    )  # fmt: skip
    def list_withdrawals(self, caller: Caller, query: dict[str, Any]) -> Page:
        return page_of(_mine(caller), [Withdrawal.id], query, newest_first=True)

    @operation(
        "worker", "GET", "/withdrawals/<number:number>",
        summary="A withdrawal; while it is under way, the channel is asked",
        response=WithdrawalResponse, errors=(404, 409, 422),
    )  # fmt: skip
    def get_withdrawal(self, caller: Caller, number: str) -> Withdrawal:
        withdrawal = db.session.scalar(_mine(caller).where(Withdrawal.number == number))
        if withdrawal is None:
            raise NotFound(_l("This withdrawal does not exist"), number=number)
        try:
            return withdrawals.refresh(withdrawal.id)
        except OutsideError:
            return withdrawal  # the channel does not answer now; the sweep asks again


def _mine(caller: Caller) -> sa.Select[tuple[Withdrawal]]:
    mine = sa.select(Withdrawal).filter_by(worker_id=caller.id)
    return mine.options(joinedload(Withdrawal.payout_account))
