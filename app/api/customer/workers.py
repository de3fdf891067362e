"""Workers whom a customer can choose from, and what he wants to find again."""

from typing import Any

import sqlalchemy as sa
from flask import Response, send_file
from marshmallow import Schema, fields
from sqlalchemy.orm import joinedload

from app.api.base import Caller, CustomerApi, operation
from app.api.customer.catalogue_schemas import CategoryNameResponse
from app.api.fields import Instant, Localised, QueryWhole, Text
from app.api.paging import Page, page_of
from app.api.rating import rating_of
from app.api.schemas import PageQuery, Request, listed
from app.models import Favourite, Service, Worker
from app.services.customers import favourites
from app.services.workers import photos, profiles
from app.services.workers.profiles import Profile

NUMBER = "[0-9A-Z-]{1,16}"
CODE = "[a-z0-9][a-z0-9._-]{0,47}"
VERSION = 8


class WorkerQuery(PageQuery):
    """`service`: a code of the catalogue; `address_id`: one of mine."""

    service = Text(48, pattern=CODE, load_default=None)
    address_id = QueryWhole(load_default=None)


class PhotoQuery(Request):
    """`v` as in the profile's `photo`: another picture has another one."""

    v = Text(VERSION, pattern="[0-9a-f]{0,8}", load_default="")


class ProfileSkillResponse(Schema):
    code = fields.String(required=True, attribute="skill.code")
    name = Localised(required=True, attribute="skill.name")
    level = fields.Integer(required=True)


class ProfileResponse(Schema):
    """What anybody may see. `years` of work; `rating` is null before the first review, `photo` (the
    address of a JPEG, for the same token) without a picture.
    """

    number = fields.String(required=True, attribute="worker.number")
    name = fields.String(required=True)
    level = fields.Integer(required=True, attribute="worker.level")
    introduction = fields.String(required=True, attribute="worker.introduction")
    avatar_color = fields.String(required=True, attribute="worker.avatar_color")
    photo = fields.Function(
        lambda profile: photo_of(profile.worker),
        required=True, allow_none=True, metadata={"type": "string"},
    )  # fmt: skip
    rating = fields.Function(
        lambda profile: rating_of(profile.worker),
        required=True, allow_none=True, metadata={"type": "number"},
    )  # fmt: skip
    rating_count = fields.Integer(required=True, attribute="worker.rating_count")
    years = fields.Integer(required=True)
    skills = fields.List(fields.Nested(ProfileSkillResponse), required=True)
    favourite = fields.Boolean(required=True)


class FavouriteServiceResponse(Schema):
    code = fields.String(required=True)
    name = Localised(required=True)
    category = fields.Nested(CategoryNameResponse, required=True)
    price_fen = fields.Integer(required=True)
    published = fields.Boolean(required=True)


class FavouriteRequest(Request):
    """One of the two."""

    worker = Text(16, pattern=NUMBER, load_default=None)
    service = Text(48, pattern=CODE, load_default=None)


class FavouriteResponse(Schema):
    """`worker` or `service`; both are null when the worker cannot be asked for any more."""

    id = fields.Integer(required=True)
    created_at = Instant(required=True)
    worker = fields.Nested(ProfileResponse, required=True, allow_none=True)
    service = fields.Nested(FavouriteServiceResponse, required=True, allow_none=True)


class WorkerApi(CustomerApi):
    @operation(
        "customer", "GET", "/workers",
        summary="Workers who can do a service at an address, the most able first",
        query=WorkerQuery, response=listed(ProfileResponse), errors=(404, 422),
    )  # fmt: skip
    def list_workers(self, caller: Caller, query: dict[str, Any]) -> Page:
        shown = profiles.shown_to(
            caller.id, service=query["service"], address_id=query["address_id"]
        )
        page = page_of(shown, [Worker.level, Worker.id], query, newest_first=True)
        page["items"] = profiles.profiles(caller.id, page["items"])
        return page

    @operation(
        "customer", "GET", "/workers/<number:number>", summary="One of them",
        response=ProfileResponse, errors=(404,),
    )  # fmt: skip
    def get_worker(self, caller: Caller, number: str) -> Profile:
        return profiles.profile(caller.id, number)

    @operation(
        "customer", "GET", "/workers/<number:number>/photo", summary="The picture of one of them",
        query=PhotoQuery, produces=photos.MIME, errors=(404,),
    )  # fmt: skip
    def get_photo(self, caller: Caller, number: str, query: dict[str, Any]) -> Response:
        worker = profiles.worker_shown(caller.id, number)
        return send_file(photos.open_photo(worker), photos.MIME)

    @operation(
        "customer", "GET", "/favourites", summary="Workers and services I want to find again",
        query=PageQuery, response=listed(FavouriteResponse),
    )  # fmt: skip
    def list_favourites(self, caller: Caller, query: dict[str, Any]) -> Page:
        mine = sa.select(Favourite).filter_by(customer_id=caller.id)
        whole = mine.options(joinedload(Favourite.service).joinedload(Service.category))
        page = page_of(whole, [Favourite.id], query, newest_first=True)
        page["items"] = _told(caller.id, page["items"])
        return page

    @operation(
        "customer", "POST", "/favourites", summary="Keep a worker or a service",
        request=FavouriteRequest, response=FavouriteResponse, status=201, errors=(404, 422),
        idempotent=True,
    )  # fmt: skip
    def add_favourite(self, caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
        return _told(caller.id, [favourites.add_favourite(caller.id, **body, actor=caller.actor)])[
            0
        ]

    @operation(
        "customer", "DELETE", "/favourites/<row:favourite_id>", summary="Keep it no longer",
        errors=(404,),
    )  # fmt: skip
    def remove_favourite(self, caller: Caller, favourite_id: int) -> None:
        favourites.remove_favourite(caller.id, favourite_id, actor=caller.actor)


def photo_of(worker: Worker) -> str | None:
    """Where customers find her picture."""
    if worker.photo_key is None:
        return None
    return f"/api/customer/v1/workers/{worker.number}/photo?v={worker.photo_key[:VERSION]}"


def _told(customer_id: int, rows: list[Favourite]) -> list[dict[str, Any]]:
    ids = [row.worker_id for row in rows if row.worker_id is not None]
    shown = profiles.some_shown(customer_id, ids)
    return [
        {"id": row.id, "created_at": row.created_at, "service": row.service,
         "worker": shown.get(row.worker_id or 0)}
        for row in rows
    ]  # fmt: skip
