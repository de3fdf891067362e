"""What can be booked, and where."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, selectinload

from app.api.base import Caller, CustomerApi, operation
from app.api.customer.catalogue_schemas import (
    CategoryListResponse,
    RegionListResponse,
    RegionQuery,
    ServiceListResponse,
    ServiceQuery,
    ServiceResponse,
)
from app.api.paging import Page, page_of
from app.api.schemas import PageQuery
from app.domain.errors import NotFound
from app.extensions import db
from app.models import Area, AreaRegion, Category, OptionGroup, Region, Service

ORDERS = {
    "position": ([Service.position, Service.id], False),
    "price": ([Service.price_fen, Service.id], False),
    "-price": ([Service.price_fen, Service.id], True),
}


class CatalogueApi(CustomerApi):
    @operation(
        "customer", "GET", "/regions", summary="Administrative divisions, by code",
        query=RegionQuery, response=RegionListResponse,
    )  # fmt: skip
    def list_regions(self, caller: Caller, query: dict[str, Any]) -> Page:
        regions = sa.select(Region)
        if query["parent"]:
            regions = regions.where(Region.parent_code == query["parent"])
        page = page_of(regions, [Region.code], query, newest_first=False)
        served = _served([region.id for region in page["items"]])
        page["items"] = [_region(region, region.id in served) for region in page["items"]]
        return page

    @operation(
        "customer", "GET", "/categories", summary="The category tree, parents by code",
        query=PageQuery, response=CategoryListResponse,
    )  # fmt: skip
    def list_categories(self, caller: Caller, query: dict[str, Any]) -> Page:
        active = sa.select(Category).where(Category.active).options(joinedload(Category.parent))
        return page_of(active, [Category.position, Category.id], query, newest_first=False)

    @operation(
        "customer", "GET", "/services", summary="Services that can be booked",
        query=ServiceQuery, response=ServiceListResponse,
    )  # fmt: skip
    def list_services(self, caller: Caller, query: dict[str, Any]) -> Page:
        by, falling = ORDERS[query["sort"]]
        services = _published().options(joinedload(Service.category))
        if query["category"]:
            services = services.where(Service.category.has(_within(query["category"])))
        return page_of(services, by, query, newest_first=falling)

    @operation(
        "customer", "GET", "/services/<code:code>", summary="A service with its options",
        response=ServiceResponse, errors=(404,),
    )  # fmt: skip
    def get_service(self, caller: Caller, code: str) -> Service:
        groups = selectinload(Service.option_groups).selectinload(OptionGroup.options)
        whole = _published().options(joinedload(Service.category), groups)
        service = db.session.scalar(whole.where(Service.code == code))
        if service is None:
            raise NotFound(_l("This service is not offered"), service=code)
        return service


def _published() -> sa.Select[tuple[Service]]:
    return sa.select(Service).where(Service.published)


def _within(code: str) -> sa.ColumnElement[bool]:
    """The category itself, or one below it."""
    return sa.or_(Category.code == code, Category.parent.has(code=code))


def _served(region_ids: list[int]) -> set[int]:
    query = (
        sa.select(AreaRegion.region_id)
        .join(Area, Area.id == AreaRegion.area_id)
        .where(Area.active, AreaRegion.region_id.in_(region_ids))
    )
    return set(db.session.scalars(query))


def _region(region: Region, served: bool) -> dict[str, Any]:
    return {
        "code": region.code,
        "parent_code": region.parent_code,
        "name": region.name,
        "name_en": region.name_en,
        "served": served,
        "lat": region.lat,
        "lng": region.lng,
    }
