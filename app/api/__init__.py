"""REST for customers, workers, payment channels and staff. docs/api.md tells how to use it."""

from flask import current_app
from flask_appbuilder import AppBuilder

from app.api import customer, notices, specification, staff, worker
from app.api.converters import install_converters

PUBLIC = (notices.NoticeApi, specification.SpecificationApi)


def register(appbuilder: AppBuilder) -> None:
    """Add every API."""
    install_converters(current_app)
    # With or without a slash at the end: a program gets its answer, never a page that redirects.
    current_app.url_map.strict_slashes = False
    for api in (*customer.APIS, *worker.APIS, *staff.APIS, *PUBLIC):
        appbuilder.add_api(api)
