"""The description of the staff's resources, made of their schemas."""

from typing import Any

from apispec import APISpec
from marshmallow import Schema, fields

from app.api.description import LANGUAGE, REPETITION, STAFF_SCHEME, add_components
from app.api.staff.verbs import handed_over_by, verbs_of

PAGE = {
    "in": "query",
    "name": "q",
    "description": "Rison: (filters:!((col:name,opr:ct,value:x)),order_column:name,"
    "order_direction:asc,page:0,page_size:25)",
    "schema": {"type": "string"},
}
KEY = {"in": "path", "name": "pk", "required": True, "schema": {"type": "integer", "minimum": 1}}
READING, WRITING = (400, 401, 403, 404, 500, 503), (409, 413, 415, 422)


def describe_resource(spec: APISpec, api: Any) -> None:
    """Add the routes that the resource has."""
    add_components(spec)
    routes = api.include_route_methods
    name = api.resource_name
    shown = _answer(f"Staff{type(api).__name__}", api.schema("show"), many=False)
    page = _answer(f"Staff{type(api).__name__}", api.schema("list"), many=True)
    many, one = f"{api.route_base}/", f"{api.route_base}/{{pk}}"
    operations: dict[str, dict[str, Any]] = {many: {}, one: {}}
    operations[many]["get"] = _operation(f"staff_list_{name}", page, 200, [PAGE], READING)
    operations[one]["get"] = _operation(f"staff_get_{name}", shown, 200, [KEY], READING)
    if "post" in routes:
        added = _operation(f"staff_add_{name}", shown, 201, [], READING + WRITING)
        operations[many]["post"] = added | _body(api.schema("add"))
    if "put" in routes:
        changed = _operation(f"staff_change_{name}", shown, 200, [KEY], READING + WRITING)
        operations[one]["put"] = changed | _body(api.schema("edit"))
    for verb, declared in verbs_of(type(api)).items():
        answer, label = declared.response or shown, f"staff_{verb}_{name}"
        done = _operation(label, answer, 200, [KEY, REPETITION], READING + WRITING)
        body = _body(declared.request()) if declared.request().fields else {}
        operations[f"{one}/{verb.replace('_', '-')}"] = {"post": done | body}
    for verb, answer in handed_over_by(type(api)).items():
        told = _operation(f"staff_{verb}_{name}", answer, 200, [KEY], (*READING, 422))
        operations[f"{one}/{verb.replace('_', '-')}"] = {"get": told}
    for path, described in operations.items():
        spec.path(path=path, operations=described)


def _operation(
    name: str, answer: type[Schema], status: int, parameters: list[Any], errors: tuple[int, ...]
) -> dict[str, Any]:
    content = {"application/json": {"schema": answer}}
    return {
        "operationId": name.replace("-", "_"),
        "summary": name.replace("_", " ").replace("-", " ").capitalize(),
        "tags": ["staff"],
        "security": [{STAFF_SCHEME: []}],
        "parameters": [*parameters, LANGUAGE],
        "responses": {
            str(status): {"description": "Done", "content": content},
            **{str(error): f"Error{error}" for error in sorted(errors)},
        },
    }


def _body(schema: Schema) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _answer(name: str, row: Schema, *, many: bool) -> type[Schema]:
    # Of a schema that is made already, Nested(many=True) describes one row.
    rows = fields.List(fields.Nested(row), required=True)
    made: dict[str, Any] = {"result": rows if many else fields.Nested(row, required=True)}
    if many:
        made["count"] = fields.Integer(required=True)
        made["ids"] = fields.List(fields.Integer(), required=True)
    else:
        made["id"] = fields.Integer(required=True)
    return Schema.from_dict(made, name=f"{name}{'Page' if many else 'One'}")
