"""The API's documentation: Swagger UI, self-hosted, over what the endpoints say of themselves."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import current_app, jsonify
from flask_appbuilder.api import BaseApi
from flask_appbuilder.api.manager import resolver
from flask_babel import gettext as _

from app.views.base import BaseView, expose
from app.views.base_pages import login_required

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "details": {"type": "object"},
            },
        }
    },
}


class ApiDocsView(BaseView):
    """For every member of staff: it shows what exists, not what is in it."""

    route_base = "/api/docs"
    default_view = "docs"

    @expose("/", methods=["GET"])
    @login_required
    def docs(self) -> str:
        return self.render_template("api_docs.html", title=_("API documentation"))

    @expose("/openapi.json", methods=["GET"])
    @login_required
    def openapi(self) -> Any:
        return jsonify(specification())


def specification() -> dict[str, Any]:
    """The OpenAPI description of every API that is registered."""
    name = current_app.config["APP_NAME"]
    plugins = [MarshmallowPlugin(schema_name_resolver=resolver)]
    spec = APISpec(title=name, version="v1", openapi_version="3.0.3", plugins=plugins)
    spec.components.schema("Error", ERROR)
    for view in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if isinstance(view, BaseApi):
            view.add_api_spec(spec)
    described: dict[str, Any] = spec.to_dict()
    return described
