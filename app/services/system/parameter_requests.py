"""Changing a rule as people do: at once, or, where it is about money, by two of them."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import NotFound
from app.domain.parameters import BY_KEY
from app.extensions import db
from app.models import Approval, Parameter
from app.services.system import approvals, parameters
from app.services.transactions import retrying, transaction

KIND = "parameter"
BY_TWO = "money"


def needs_second(key: str) -> bool:
    return BY_KEY[key].group == BY_TWO


@retrying
def request_change(
    key: str, value: Any, *, actor: Actor, reason: str, effective_on: date | None = None
) -> Approval | None:
    """Change the rule, or ask a second person to; the request, if one was made.

    Raises as set_parameter does, and Conflict when the rule is being asked about already.
    """
    if key not in BY_KEY:
        raise NotFound(_l("There is no such parameter"), key=key)
    if not needs_second(key):
        parameters.set_parameter(key, value, actor=actor, reason=reason, effective_on=effective_on)
        return None
    with transaction(actor) as session:
        parameters.check_change(key, value, effective_on)
        return approvals.ask(
            KIND, "parameter", _row_id(session, key), _content(key, value, effective_on),
            key, reason=reason, actor=actor,
        )  # fmt: skip


@retrying
def request_forget(key: str, *, actor: Actor, reason: str = "") -> Approval | None:
    """Take back the change that is ahead, or ask a second person to. Raises NotFound."""
    if not needs_second(key):
        parameters.forget_next(key, actor=actor, reason=reason)
        return None
    with transaction(actor) as session:
        if parameters.ahead(key) is None:
            raise NotFound(_l("No change of this parameter is ahead"), key=key)
        content = _content(key, parameters.get(key), None) | {"forget": True}
        return approvals.ask(
            KIND, "parameter", _row_id(session, key), content, key, reason=reason, actor=actor
        )


def open_request(key: str) -> int | None:
    """The request about this rule that waits for a second person."""
    row = sa.select(Parameter.id).filter_by(key=key).scalar_subquery()
    query = sa.select(Approval.id).filter_by(subject_kind="parameter", status="asked")
    return db.session.scalar(query.where(Approval.subject_id == row))


def _row_id(session: Session, key: str) -> int:
    row = parameters.locked_row(session, key)
    session.flush()
    return int(row.id)


def _content(key: str, value: Any, effective_on: date | None) -> dict[str, Any]:
    ahead = parameters.ahead(key)
    return {
        "key": key,
        "old": parameters.get(key),
        "new": value,
        "ahead": [ahead[0], ahead[1].isoformat()] if ahead else None,
        "effective_on": effective_on.isoformat() if effective_on else None,
        "forget": False,
    }


@approvals.executes(KIND)
def _change(approval: Approval, actor: Actor) -> None:
    shown = approval.payload
    key, new = shown["key"], shown["new"]
    day = date.fromisoformat(shown["effective_on"]) if shown["effective_on"] else None
    parameters.locked_row(db.session(), key)
    now = _content(key, new, day) | {"forget": shown["forget"]}
    approvals.check_as_shown(shown, now)
    if shown["forget"]:
        parameters.forget_next(key, actor=actor, reason=approval.reason)
    else:
        parameters.set_parameter(key, new, actor=actor, reason=approval.reason, effective_on=day)
