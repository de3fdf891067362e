"""What endpoints are written with. A new endpoint needs nothing else from this package's core."""

from typing import ClassVar

from apispec import APISpec
from flask_appbuilder.api import BaseApi

from app.api.callers import Caller
from app.api.description import describe
from app.api.errors import error_response, install_error_handlers
from app.api.operations import operation
from app.fab_marks import MarkedMethodsOnly

__all__ = [
    "Caller",
    "ClientApi",
    "CustomerApi",
    "PublicApi",
    "WorkerApi",
    "error_response",
    "install_error_handlers",
    "operation",
]


class ClientApi(MarkedMethodsOnly, BaseApi):
    """Endpoints made by @operation. Tokens only: no cookie counts, so CSRF has no hold."""

    tag: ClassVar[str]
    base_permissions: ClassVar[list[str]] = []
    csrf_exempt = True

    def add_api_spec(self, api_spec: APISpec) -> None:
        describe(api_spec, self, self.tag)


class CustomerApi(ClientApi):
    route_base = "/api/customer/v1"
    tag = "customer"


class WorkerApi(ClientApi):
    route_base = "/api/worker/v1"
    tag = "worker"


class PublicApi(ClientApi):
    """For channels and developers: no token at all."""

    route_base = "/api"
    tag = "public"
