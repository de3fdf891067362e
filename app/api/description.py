"""The OpenAPI description, made of the same declarations that the endpoints run by."""

import re
from collections.abc import Iterator
from typing import Any

from apispec import APISpec
from apispec.exceptions import DuplicateComponentNameError
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import current_app
from flask_appbuilder.api import BaseApi
from flask_appbuilder.api.manager import resolver
from flask_babel import force_locale

from app.api.converters import CONVERTERS
from app.api.errors import PLAIN
from app.api.operations import Operation
from app.api.reading import is_required
from app.api.repetition import HEADER, KEY
from app.api.schemas import ErrorResponse, Nothing
from app.fab_marks import marked_methods

PARAMETER = re.compile(r"<(\w+):(\w+)>")
BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
SCHEMES = {"customer": "CustomerToken", "worker": "WorkerToken"}
STAFF_SCHEME = "jwt"  # added by FAB's log-in for staff
# The names under which FAB's own endpoints refer to their errors.
FAB_ERRORS = (400, 401, 403, 404, 422, 500)
LANGUAGE = {
    "in": "header",
    "name": "Accept-Language",
    "description": "Language of names and messages: zh (default) or en",
    "schema": {"type": "string"},
}
REPETITION = {
    "in": "header",
    "name": HEADER,
    "description": "The same key and body get the same answer; another body is refused (422)",
    "schema": {"type": "string", "minLength": 8, "maxLength": 64, "pattern": f"^{KEY.pattern}$"},
}


def specification() -> dict[str, Any]:
    """The description of every API that is registered."""
    spec = APISpec(
        title=current_app.config["APP_NAME"],
        version="v1",
        openapi_version="3.0.3",
        plugins=[MarshmallowPlugin(schema_name_resolver=resolver)],
        servers=[{"url": current_app.config["PUBLIC_URL"]}],
    )
    with force_locale("en"):
        add_components(spec)
        for view in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
            if isinstance(view, BaseApi):
                view.add_api_spec(spec)
    described: dict[str, Any] = spec.to_dict()
    _name_the_rest(described["paths"])
    return described


def _name_the_rest(paths: dict[str, dict[str, Any]]) -> None:
    """FAB's own endpoints come without an operationId and with their class as the tag."""
    for path, operations in paths.items():
        for method, declared in operations.items():
            if "operationId" not in declared:
                words = "_".join(re.findall(r"[a-z]+", path.removeprefix("/api/v1/")))
                declared.update(operationId=f"staff_{method}_{words}", tags=["staff"])
                if declared.get("security"):  # FAB does not say that its permissions may lack
                    refused = {"$ref": "#/components/responses/403"}
                    declared["responses"].setdefault("403", refused)


def operations_of(api: BaseApi) -> Iterator[tuple[str, Operation]]:
    """(name of the method, declaration) of each endpoint of an API."""
    for name in marked_methods(type(api)):
        declared = getattr(getattr(type(api), name), "_operation", None)
        if declared is not None:
            yield name, declared


def describe(spec: APISpec, api: BaseApi, tag: str) -> None:
    """Add the endpoints of one API."""
    add_components(spec)
    for name, declared in operations_of(api):
        path = PARAMETER.sub(r"{\2}", f"{api.route_base}{declared.path}")
        method = declared.method.lower()
        spec.path(path=path, operations={method: _operation(name, declared, tag)})


def add_components(spec: APISpec) -> None:
    for scheme in SCHEMES.values():
        _once(spec.components.security_scheme, scheme, BEARER)
    for status, (code, text) in PLAIN.items():
        described = {
            "description": f"{code}: {text}",
            "content": {"application/json": {"schema": ErrorResponse}},
        }
        _once(spec.components.response, f"Error{status}", described)
        if status in FAB_ERRORS:
            _once(spec.components.response, str(status), described)


def _operation(name: str, declared: Operation, tag: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{tag}_{name}",
        "summary": declared.summary,
        "tags": [tag],
        "parameters": list(_parameters(declared)),
        "responses": _responses(declared),
        "security": [] if declared.realm == "public" else [{SCHEMES[declared.realm]: []}],
    }
    if declared.raw:
        described["requestBody"] = _body("application/json", {"type": "object"})
    elif declared.form:
        described["requestBody"] = _body("multipart/form-data", declared.form)
    elif not issubclass(declared.request, Nothing):
        described["requestBody"] = _body("application/json", declared.request)
    return described


def _parameters(declared: Operation) -> Iterator[dict[str, Any]]:
    for kind, name in PARAMETER.findall(declared.path):
        schema = CONVERTERS[kind].description
        yield {"in": "path", "name": name, "required": True, "schema": schema}
    if declared.query().fields:
        yield {"in": "query", "schema": declared.query}
    if declared.idempotent:
        yield REPETITION
    yield LANGUAGE


def _responses(declared: Operation) -> dict[str, Any]:
    always = {400, 413, 415, 500, 503} | ({401} if declared.realm != "public" else set())
    repeated = {409, 422} if declared.idempotent else set()
    failed = sorted(always | repeated | set(declared.errors))
    return {
        str(_status(declared)): _success(declared),
        **{str(status): f"Error{status}" for status in failed},
    }


def _status(declared: Operation) -> int:
    has_body = declared.response is not None or declared.produces != "application/json"
    return declared.status if has_body else 204


def _success(declared: Operation) -> dict[str, Any]:
    if declared.response is not None:
        content = {"application/json": {"schema": declared.response}}
        return {"description": "Done", "content": content}
    if declared.produces != "application/json":
        file = {"type": "string", "format": "binary"}
        return {"description": "Done", "content": {declared.produces: {"schema": file}}}
    return {"description": "Done, nothing to say"}


def _body(kind: str, schema: Any) -> dict[str, Any]:
    required = isinstance(schema, dict) or is_required(schema)
    return {"required": required, "content": {kind: {"schema": schema}}}


def _once(add: Any, name: str, described: dict[str, Any]) -> None:
    try:
        add(name, described)
    except DuplicateComponentNameError:
        return  # another API added it
