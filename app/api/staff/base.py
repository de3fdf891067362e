"""What the staff's resources have in common: one's own branch only, and a true description."""

from typing import Any

import prison  # type: ignore[import-untyped]  # ships no types
from apispec import APISpec
from flask import Response, request
from flask_appbuilder.hooks import before_request
from sqlalchemy.orm import Query

from app.api.model import ModelRestApi
from app.api.staff.description import describe_resource
from app.api.staff.verbs import handed_over_by, verbs_of
from app.services import access

LONGEST_QUESTION = 2000


class StaffApi(ModelRestApi):
    """Rows of the person's branch. Deleting is left to the screens, which ask first."""

    include_route_methods = {"get_list", "get", "post", "put"}

    def __init_subclass__(cls) -> None:
        """A resource stands at its name."""
        super().__init_subclass__()
        verbs = verbs_of(cls).keys() | handed_over_by(cls).keys()
        cls.include_route_methods = cls.include_route_methods | verbs
        if "resource_name" in vars(cls):
            cls.route_base = f"/api/staff/v1/{cls.resource_name}"

    @property
    def owner(self) -> str:
        """The name under which answers to repeated commands are kept."""
        return f"staff:{self.actor.id}"

    def scope(self, query: Query[Any]) -> Query[Any]:
        return access.visible(query, self.datamodel.obj, self.actor)

    @before_request
    def readable_question(self) -> Response | None:
        """FAB's reader of `q` runs into itself on some texts; such a question is refused here."""
        question = request.args.get("q", "")
        try:
            if len(question) > LONGEST_QUESTION:
                raise ValueError
            prison.loads(question or "()")
        except (prison.decoder.ParserException, ValueError, RecursionError):
            return self.response_400()
        return None

    def add_api_spec(self, api_spec: APISpec) -> None:
        describe_resource(api_spec, self)


class StaffReadApi(StaffApi):
    """What has states or money is changed by verbs, never by columns."""

    include_route_methods = {"get_list", "get"}
    add_columns: Any = []
    edit_columns: Any = []
