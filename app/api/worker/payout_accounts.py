"""Where the worker's money goes."""

from typing import Any

from marshmallow import Schema, fields

from app.api.base import Caller, WorkerApi, operation
from app.api.fields import Choice, Text
from app.api.schemas import Request
from app.models import PayoutAccount
from app.services.workers import payout


class PayoutAccountRequest(Request):
    channel = Choice(tuple(payout.ACCOUNT), required=True)
    # Both are encrypted, so that their columns have no length.
    holder_name = Text(64, required=True, low=1)
    account = Text(100, required=True, pattern=r"[^\s\x00-\x1f\x7f]{6,100}")


class PayoutAccountResponse(Schema):
    id = fields.Integer(required=True)
    channel = fields.String(required=True)
    holder_name = fields.String(required=True)
    account_tail = fields.String(required=True)


class PayoutAccountsResponse(Schema):
    items = fields.List(fields.Nested(PayoutAccountResponse), required=True)


class PayoutAccountApi(WorkerApi):
    @operation(
        "worker", "GET", "/payout-accounts", summary="My accounts (five at most)",
        response=PayoutAccountsResponse,
    )  # fmt: skip
    def list_accounts(self, caller: Caller) -> dict[str, Any]:
        return {"items": payout.accounts_of(caller.id)}

    @operation(
        "worker", "POST", "/payout-accounts", summary="Add an account",
        request=PayoutAccountRequest, response=PayoutAccountResponse, status=201,
        errors=(409, 422), idempotent=True,
    )  # fmt: skip
    def add_account(self, caller: Caller, body: dict[str, Any]) -> PayoutAccount:
        return payout.add_account(caller.id, **body, actor=caller.actor)
