"""What the staff's resources have in common: one's own branch only, and a true description."""

from typing import Any

from apispec import APISpec
from sqlalchemy.orm import Query

from app.api.model import ModelRestApi
from app.api.staff.description import describe_resource
from app.services import access


class StaffApi(ModelRestApi):
    """Rows of the person's branch. Deleting is left to the screens, which ask first."""

    include_route_methods = {"get_list", "get", "post", "put"}

    def scope(self, query: Query[Any]) -> Query[Any]:
        return access.visible(query, self.datamodel.obj, self.actor)

    def add_api_spec(self, api_spec: APISpec) -> None:
        describe_resource(api_spec, self)


class StaffReadApi(StaffApi):
    """What has states or money is changed by verbs, never by columns."""

    include_route_methods = {"get_list", "get"}
    add_columns: Any = []
    edit_columns: Any = []
