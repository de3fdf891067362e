"""Logging in as a customer: a code to the phone, then tokens. The first log-in registers."""

from typing import Any

from app.api import auth
from app.api.base import Caller, CustomerApi, operation
from app.services.identity import login, tokens


class CustomerAuthApi(CustomerApi):
    @operation(
        "public", "POST", "/auth/code",
        summary="Send a log-in code by text message",
        request=auth.CodeRequest, response=auth.CodeResponse, status=202, errors=(429,),
    )  # fmt: skip
    def send_code(self, caller: Caller, body: dict[str, Any]) -> dict[str, int]:
        return auth.send_code("customer", body)

    @operation(
        "public", "POST", "/auth/login",
        summary="Log in with phone and code; a new phone gets an account",
        request=auth.LoginRequest, response=auth.TokensResponse, errors=(401, 403, 429),
    )  # fmt: skip
    def log_in(self, caller: Caller, body: dict[str, Any]) -> tokens.TokenPair:
        return login.log_in_customer(body["phone"], body["code"])

    @operation(
        "public", "POST", "/auth/refresh",
        summary="Swap a refresh token for new tokens; one that was used before ends the session",
        request=auth.RefreshRequest, response=auth.TokensResponse, errors=(401,),
    )  # fmt: skip
    def refresh(self, caller: Caller, body: dict[str, Any]) -> tokens.TokenPair:
        return auth.swap_tokens("customer", body)

    @operation("customer", "POST", "/auth/logout", summary="End all sessions of the account")
    def log_out(self, caller: Caller) -> None:
        tokens.end_all_sessions("customer", caller.account_id)
