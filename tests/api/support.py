"""What the tests of all endpoints share: the endpoints themselves, valid bodies, row counts."""

import io
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import FileStorage

from app.api import PUBLIC, customer, worker
from app.api.operations import Operation
from app.extensions import db

# The first that a field accepts is a valid value of it.
CANDIDATES: tuple[Any, ...] = (
    "2030-05-07T14:00:00+08:00", "2030-05-07", 3, 1, 23.1, "13800000001", "000000", "0000",
    "position", "accepted", "a" * 64, "A" * 10, "wechat", "after", "other", "gcj02", "zh",
    "name", "A" * 40, "qr", "refund", "active", "weekly", "MO", "skip", "this", "09:00",
)  # fmt: skip
OTHER_TYPES: tuple[Any, ...] = ({"a": 1}, [[1]], True, 1.5)
TEN_MEGABYTES = b'{"a": "' + b"x" * (10 * 1024 * 1024) + b'"}'
# Log-ins are counted, so that they can be limited; notices are kept before they are read.
LOG_TABLES = {"otp_challenge", "login_attempt", "audit_log", "payment_notice"}


@dataclass(frozen=True)
class Endpoint:
    """One operation of one API class."""

    name: str
    base: str
    operation: Operation

    def __str__(self) -> str:
        return f"{self.operation.realm}:{self.operation.method}:{self.base}{self.operation.path}"

    @property
    def path(self) -> str:
        return f"{self.base}{self.operation.path}"

    @property
    def documented_path(self) -> str:
        return re.sub(r"<\w+:(\w+)>", r"{\1}", self.path)

    @property
    def body(self) -> type[Schema]:
        return self.operation.form or self.operation.request


def _found() -> list[Endpoint]:
    return [
        Endpoint(name, api.route_base, method._operation)
        for api in (*customer.APIS, *worker.APIS, *PUBLIC)
        for name, method in sorted(vars(api).items())
        if hasattr(method, "_operation")
    ]


ENDPOINTS = _found()
REALMS = [e for e in ENDPOINTS if e.operation.realm != "public"]
WITH_BODY = [e for e in ENDPOINTS if e.operation.request().fields and not e.operation.raw]
WITH_QUERY = [e for e in ENDPOINTS if e.operation.query().fields]
JSON = [e for e in ENDPOINTS if not e.operation.form and not e.operation.raw]


def named(endpoints: list[Endpoint]) -> dict[str, Any]:
    return {"argvalues": endpoints, "ids": [str(endpoint) for endpoint in endpoints]}


def sample(schema: type[Schema]) -> dict[str, Any]:
    """A body of the right shape: every field has a value that it accepts."""
    return {field.data_key or name: _value(field) for name, field in schema().fields.items()}


def _value(field: Any) -> Any:
    if isinstance(field, fields.Nested):
        return sample(type(field.schema))
    if isinstance(field, fields.List):
        return [_value(field.inner)]
    for candidate in (*CANDIDATES, FileStorage()):
        if accepts(field, candidate):
            return candidate
    raise AssertionError(f"No candidate fits {field!r}: add one")


def accepts(field: Any, value: Any) -> bool:
    try:
        field.deserialize(value)
    except ValidationError:
        return False
    return True


def valid(endpoint: Endpoint) -> dict[str, Any]:
    """A request that is right in its shape."""
    request: dict[str, Any] = {"query_string": sample(endpoint.operation.query)}
    if endpoint.operation.form:
        file = (io.BytesIO(b"no picture"), "a.jpg")
        request["data"] = {**sample(endpoint.operation.form), "file": file}
    elif endpoint in WITH_BODY:
        request["json"] = sample(endpoint.operation.request)
    return request


def counts() -> dict[str, int]:
    """Rows of every table that a client's request may change."""
    found = dict(db.session.execute(_count_of_each()).tuples().all())
    db.session.rollback()
    return found


@cache
def _count_of_each() -> sa.TextClause:
    """As text: to build and compile seventy selects costs more than to run them."""
    tables = [table.name for table in db.metadata.sorted_tables if table.name not in LOG_TABLES]
    return sa.text(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in tables))


def assert_error(answer: Any, status: int, code: str | None = None) -> dict[str, Any]:
    """The one shape of all errors, and nothing that only we should know."""
    assert answer.status_code == status, (answer.status_code, answer.text[:500])
    assert answer.mimetype == "application/json"
    assert set(answer.json) == {"error"}
    error: dict[str, Any] = answer.json["error"]
    assert set(error) == {"code", "message", "details"}
    assert re.fullmatch("[a-z0-9_]+", error["code"]), error
    assert isinstance(error["message"], str)
    assert error["message"]
    assert isinstance(error["details"], dict)
    assert not re.search(r"Traceback|SELECT|INSERT|sqlalchemy|psycopg|\.py\b", answer.text)
    if code is not None:
        assert error["code"] == code
    return error
