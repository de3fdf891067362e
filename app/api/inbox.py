"""Messages of customers and workers, in words."""

from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields

from app.api.fields import Instant, Word
from app.api.paging import Page, page_of
from app.api.schemas import listed
from app.api.words import NOTIFICATION
from app.extensions import db
from app.models import Notification, Order


class NotificationResponse(Schema):
    kind = fields.String(required=True)
    text = Word(NOTIFICATION, required=True, attribute="kind")
    order_number = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    read_at = Instant(required=True, allow_none=True)


NotificationListResponse = listed(NotificationResponse)


def inbox_of(kind: str, recipient_id: int, query: dict[str, Any]) -> Page:
    """One page, newest first."""
    mine = sa.select(Notification).filter_by(recipient_kind=kind, recipient_id=recipient_id)
    page = page_of(mine, [Notification.id], query, newest_first=True)
    numbers = _order_numbers(page["items"])
    page["items"] = [_told(message, numbers) for message in page["items"]]
    return page


def _order_numbers(messages: list[Notification]) -> dict[int, str]:
    ids = {message.data.get("order_id") for message in messages} - {None}
    query = sa.select(Order.id, Order.number).where(Order.id.in_(ids))
    return dict(db.session.execute(query).tuples().all())


def _told(message: Notification, numbers: dict[int, str]) -> dict[str, Any]:
    return {
        "kind": message.kind,
        "order_number": numbers.get(message.data.get("order_id", 0)),
        "created_at": message.created_at,
        "read_at": message.read_at,
    }
