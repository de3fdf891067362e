"""Staff tokens: what is sent is checked like everywhere else in the API."""

from typing import Any

from apispec import APISpec
from flask import current_app, request
from flask_appbuilder.const import API_SECURITY_VERSION
from flask_appbuilder.security.api import SecurityApi
from flask_babel import lazy_gettext as _l
from flask_jwt_extended import create_access_token, create_refresh_token
from marshmallow import Schema, ValidationError, fields

from app.api.callers import Caller
from app.api.description import describe
from app.api.fields import Choice, Length, Text
from app.api.operations import operation
from app.api.schemas import Request
from app.domain.errors import Unauthorized


class Password(fields.String):
    """Kept as it was typed, blanks and all."""

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=Length(1, 256), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **more)
        try:
            text.encode()
        except UnicodeEncodeError as exc:  # half of a pair
            raise ValidationError("Invalid value.") from exc
        return text


class StaffLoginRequest(Request):
    username = Text(64, low=1, required=True)
    password = Password(required=True)
    provider = Choice(("db",), load_default="db")
    refresh = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class StaffTokensResponse(Schema):
    """The refresh token only when it was asked for."""

    access_token = fields.String(required=True)
    refresh_token = fields.String()


class StaffSecurityApi(SecurityApi):
    """`/api/v1/security/login` and `/refresh` for staff tokens; limited like the login page."""

    version = API_SECURITY_VERSION

    @operation(
        "public", "POST", "/login", summary="Log in as a member of staff",
        request=StaffLoginRequest, response=StaffTokensResponse, errors=(401, 429),
    )  # fmt: skip
    def login(self, caller: Caller, body: dict[str, Any]) -> dict[str, str]:
        sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
        # The body can be read once; the system log names who tried, also when this raises.
        request.environ["backoffice.login_name"] = body["username"]
        user = sm.auth_user_db(body["username"], body["password"])
        if not user:
            raise Unauthorized(_l("The name or the password is not right."))
        tokens = {"access_token": create_access_token(identity=str(user.id), fresh=True)}
        if body["refresh"]:
            tokens["refresh_token"] = create_refresh_token(identity=str(user.id))
        return tokens

    def add_api_spec(self, api_spec: APISpec) -> None:
        super().add_api_spec(api_spec)
        describe(api_spec, self, "staff")
