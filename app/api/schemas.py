"""What all requests and answers have in common."""

from typing import Any

from marshmallow import RAISE, Schema, fields

from app.api.fields import Choice, Degrees, QueryWhole, Text

DEFAULT_LIMIT, MOST_ITEMS = 20, 50


class Request(Schema):
    """A JSON body or a query string. What is not declared is refused."""

    class Meta:
        unknown = RAISE


class Nothing(Request):
    """No body, or an empty object."""


class PageQuery(Request):
    """The next page is asked for with the `next_cursor` of the one before."""

    limit = QueryWhole(1, MOST_ITEMS, load_default=DEFAULT_LIMIT)
    cursor = Text(200, pattern="[A-Za-z0-9_-]{0,200}", load_default="")


def listed(item: type[Schema]) -> type[Schema]:
    """The schema of a page of items."""
    name = item.__name__.removesuffix("Response")
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(required=True, allow_none=True),
        },
        name=f"{name}ListResponse",
    )


class PositionRequest(Request):
    """A position says which datum it is in: they differ by more than a geofence."""

    lat = Degrees(90, required=True)
    lng = Degrees(180, required=True)
    datum = Choice(("gcj02", "wgs84"), required=True)


class PositionResponse(Schema):
    lat = fields.Float(required=True)
    lng = fields.Float(required=True)
    datum = fields.Constant("gcj02", required=True, metadata={"type": "string"})


class Located(Schema):
    """Of rows that have lat and lng: `position` is read from the row itself."""

    position = fields.Nested(PositionResponse, required=True, attribute="self")

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return obj if attr == "self" else super().get_attribute(obj, attr, default)


class ErrorBody(Schema):
    code = fields.String(required=True)
    message = fields.String(required=True)
    details = fields.Dict(required=True)


class ErrorResponse(Schema):
    """The one shape of all errors."""

    error = fields.Nested(ErrorBody, required=True)
