"""Every operation of the application, asked by somebody about a row; how the door answered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app
from werkzeug.routing import Rule

from app.extensions import db
from app.services import access
from tests.permissions import expected

CLOSED, MISSING, OPEN = "closed", "missing", "open"
NUMBER = "D300506AAAAAAAAAA"
SAMPLES = {"number": NUMBER, "day": "2030-05-06"}
SAFE = frozenset({"GET"})


@dataclass(frozen=True)
class Door:
    """One method of one address. `action` is the action named in it or in its body."""

    endpoint: str
    rule: str
    method: str
    action: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.rule} {self.action}".strip()

    @property
    def about_a_row(self) -> bool:
        return "<pk>" in self.rule

    @property
    def realm(self) -> str | None:
        return next((r for base, r in expected.REALMS.items() if self.rule.startswith(base)), None)

    @property
    def view(self) -> Any:
        name = self.endpoint.split(".")[0]
        views = current_app.appbuilder.baseviews
        return next((view for view in views if view.endpoint == name), None)


def doors() -> list[Door]:
    found = [door for rule in current_app.url_map.iter_rules() for door in _doors_of(rule)]
    return sorted(found, key=str)


def _doors_of(rule: Rule) -> Iterator[Door]:
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        door = Door(rule.endpoint, rule.rule, method)
        if expected.VERBS.get(rule.endpoint.split(".")[-1], "") is None:
            for action in getattr(door.view, "row_actions", {}):
                yield Door(rule.endpoint, rule.rule, method, action)
        else:
            yield door


def ask(client: Any, door: Door, key: Any) -> str:
    path = _filled(door, key)
    data = {"action": door.action, "rowid": [str(key)]} if "action_post" in door.endpoint else None
    api = door.rule.startswith("/api/")
    sent = {"json": {}} if api and door.method not in SAFE else {"data": data}
    answer = client.open(path, method=door.method, **sent)
    status, to = answer.status_code, answer.headers.get("Location", "")
    answer.close()
    if status in {401, 403} or (status == 302 and "/login" in to):
        return CLOSED
    return MISSING if status == 404 else OPEN


def still_there(door: Door, key: Any) -> bool:
    if key is None:
        return False
    column = door.view.datamodel.key
    return db.session.scalar(sa.select(column).where(column == key)) is not None


def _filled(door: Door, key: Any) -> str:
    """The address with the row's key, the action's name, and what fits the other places."""
    values = {"pk": str(key), "key": str(key), "name": door.action or "none", "locale": "en"}

    def value(place: re.Match[str]) -> str:
        kind, _colon, name = place[1].rpartition(":")
        return SAMPLES.get(kind) or values.get(name, "1")

    return re.sub(r"<([^>]+)>", value, door.rule)


def is_scoped(door: Door) -> bool:
    """Whether a row of another branch is out of reach."""
    model = door.view.datamodel.obj
    return model not in access.SHARED and model.__name__ != "Role"
