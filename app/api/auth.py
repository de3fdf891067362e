"""Schemas of logging in, the same for customers and workers."""

from typing import Any

from flask import request
from marshmallow import Schema, fields

from app.api.fields import PHONE, UNPRINTABLE, Text
from app.api.schemas import Request
from app.services.identity import otp, tokens
from app.services.identity.otp import Realm

LONGEST_DEVICE = 64


class CodeRequest(Request):
    phone = Text(20, required=True, pattern=PHONE)


class CodeResponse(Schema):
    expires_in_seconds = fields.Integer(required=True)


class LoginRequest(Request):
    phone = Text(20, required=True, pattern=PHONE)
    code = Text(6, required=True, pattern="[0-9]{6}")


class RefreshRequest(Request):
    refresh_token = Text(100, required=True, pattern="[A-Za-z0-9_-]{20,100}")


class TokensResponse(Schema):
    access_token = fields.String(required=True, attribute="access")
    refresh_token = fields.String(required=True, attribute="refresh")
    token_type = fields.Constant("Bearer", required=True, metadata={"type": "string"})
    expires_in_seconds = fields.Integer(required=True, attribute="expires_in")


def send_code(realm: Realm, body: dict[str, Any]) -> dict[str, int]:
    """The answer is the same for phones that we know and that we do not."""
    device = UNPRINTABLE.sub("", request.headers.get("X-Device-Id", ""))[:LONGEST_DEVICE]
    address = request.remote_addr or ""
    seconds = otp.send_code(realm, body["phone"], address=address, device=device)
    return {"expires_in_seconds": seconds}


def swap_tokens(realm: Realm, body: dict[str, Any]) -> tokens.TokenPair:
    return tokens.refresh(realm, body["refresh_token"])
