"""Whose turn it is: the requests that wait for the person who is signed in."""

from typing import Any

import sqlalchemy as sa
from flask import current_app, g, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query

from app.domain.approvals import DECIDERS, permission_for
from app.models import Approval
from app.services.system import approvals
from app.views.base import RowFilter
from app.views.scoped import current_staff

MOST_COUNTED = 99
BOXES = {"decide": _l("For me to decide"), "asked": _l("Asked by me"), "decided": _l("Decided")}


def kinds_to_decide() -> list[str]:
    """The kinds of request that this person's roles decide."""
    sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
    return [
        kind for kind in DECIDERS if sm.has_access(f"can_{permission_for(kind)}", "ApprovalView")
    ]


def waiting_for_me() -> dict[str, Any] | None:
    """For the top bar: how many wait and where; None for whoever decides nothing."""
    if not kinds_to_decide():
        return None
    count = g.get("approvals_waiting") or 0
    shown = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
    return {"count": shown, "url": url_for("ApprovalView.list", _flt_0_box="decide")}


def condition(box: str) -> sa.ColumnElement[bool]:
    """SQL for the requests of one box; the person's scope comes on top."""
    actor = current_staff()
    if box == "decide":
        return approvals.to_decide(kinds_to_decide(), actor)
    if box == "asked":
        return Approval.asked_by_id == actor.id
    return Approval.status != "asked"


def tabs(list_url: Any) -> list[dict[str, Any]]:
    chosen = request.args.get("_flt_0_box", "")
    every = {"label": _l("All"), "url": list_url(), "count": "", "current": not chosen}
    waiting = waiting_for_me()
    return [every] + [
        {
            "label": label,
            "url": list_url(_flt_0_box=box),
            "count": waiting["count"] if waiting and box == "decide" else "",
            "current": chosen == box,
        }
        for box, label in BOXES.items()
        if box != "decide" or waiting
    ]


class InBox(RowFilter):
    """One of the boxes; it is no column of the table."""

    name, arg_name, control = _l("is"), "eq", "hidden"

    def parse(self, text: str) -> str:
        if text not in BOXES:
            raise ValueError("no such box")
        return text

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        return query.filter(condition(self.parse(value)))
