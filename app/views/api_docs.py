"""The API's documentation: Swagger UI, self-hosted, over what the endpoints say of themselves."""

from flask_babel import gettext as _

from app.views.base import BaseView, expose
from app.views.base_pages import login_required

DESCRIPTION = "/api/openapi.json"


class ApiDocsView(BaseView):
    """For every member of staff: it shows what exists, not what is in it."""

    route_base = "/api/docs"
    default_view = "docs"

    @expose("/", methods=["GET"])
    @login_required
    def docs(self) -> str:
        return self.render_template(
            "api_docs.html", title=_("API documentation"), source=DESCRIPTION
        )
