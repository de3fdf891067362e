"""Every address at which one role can read something: pages, lookups, forms, files, resources."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.api.staff import APIS
from app.domain.actors import Actor
from app.extensions import db
from app.security import ROLES
from app.services import access
from tests.kit import clients

QUESTIONS = ("W00", "D30", "C30", "128")  # parts of numbers, typed into the search


@dataclass(frozen=True)
class Look:
    """One address. `kind`: page, file (an export of a list) or resource (by token)."""

    kind: str
    path: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


def looks(role: str, actor: Actor) -> list[Look]:
    """All that the role may read, each with a row that the actor may see."""
    pages = ["/", *(f"/search?q={text}" for text in QUESTIONS)]
    found = [Look("page", path) for path in pages]
    for view in current_app.appbuilder.baseviews:
        if hasattr(view, "datamodel") and ("can_list", type(view).__name__) in ROLES[role].grants:
            found += _of_screen(view, role, actor)
    for api in APIS:
        if ("can_get", api.__name__) in ROLES[role].grants:
            found += _of_resource(api, actor)
    return found


def _of_screen(view: Any, role: str, actor: Actor) -> Iterator[Look]:
    base, key = view.route_base, _row(view.datamodel.obj, actor)
    name, grants = type(view).__name__, ROLES[role].grants
    yield Look("page", f"{base}/list/")
    yield from (Look("page", f"{base}/lookup/{one}") for one in view.lookups)
    if ("can_add", name) in grants:
        yield Look("page", f"{base}/add")
    if ("can_export", name) in grants:
        yield Look("file", f"{base}/export/")
    if key is None:
        return
    for verb in ("show", "edit"):
        if (f"can_{verb}", name) in grants:
            yield Look("page", f"{base}/{verb}/{key}")
    for action in view.row_actions:
        if (f"can_{action}", name) in grants:
            yield Look("page", f"{base}/ask/{action}/{key}")


def _of_resource(api: Any, actor: Actor) -> Iterator[Look]:
    yield Look("resource", f"{api.route_base}/")
    key = _row(api.datamodel.obj, actor)
    if key is not None:
        yield Look("resource", f"{api.route_base}/{key}")


def _row(model: Any, actor: Actor) -> Any:
    """The newest row that the actor may see."""
    if model.__name__ == "Role":
        return None
    key = sa.inspect(model).primary_key[0]
    return db.session.scalar(sa.select(sa.func.max(key)).where(access.condition(model, actor)))


def read(look: Look, client: Any, bearer: Any) -> str:
    """What is told at the address; of a file, the texts of all its cells."""
    if look.kind == "resource":
        return str(bearer.get(look.path).text)
    if look.kind == "page":
        return str(client.get(look.path).text)
    asked = client.post(look.path).headers["Location"]
    key = re.search(r"/exports/show/(\d+)", asked)
    assert key is not None, f"{look} led to {asked}"
    with client.get(f"/exports/download/{key[1]}") as file:
        assert file.status_code == 200, look
        content = file.data
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "".join(parts.read(part).decode() for part in parts.namelist())


def told(looks: list[Look], user: Any, foreign: set[str]) -> dict[str, set[str]]:
    """{address: the foreign texts that it tells}; empty when all is well."""
    client, bearer = clients.sign_in(user), clients.by_token(user)
    client.get("/lang/en")  # Chinese is then what people have typed
    found = {}
    for look in looks:
        text = read(look, client, bearer)
        words = {word for word in foreign if word in text}
        if words:
            found[str(look)] = words
    return found
