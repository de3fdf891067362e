"""The API's description for programs. The page that shows it is /api/docs."""

from flask import Response, jsonify

from app.api.base import Caller, PublicApi, operation
from app.api.description import specification

KIND = "application/vnd.oai.openapi+json"


class SpecificationApi(PublicApi):
    @operation(
        "public", "GET", "/openapi.json", summary="This description",
        produces=KIND,
    )  # fmt: skip
    def openapi(self, caller: Caller) -> Response:
        response = jsonify(specification())
        response.mimetype = KIND
        return response
