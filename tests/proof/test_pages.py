"""Every page in a real browser: both languages, desk and phone, as each role's menu leads there.

A page is wrong when it does not open, axe finds a fault (AA), a script fails or the console tells
an error, another host is asked, it is wider than its window, its words are squeezed into one sign
a line, the head of a table covers its first row, or a reader of Chinese meets English.
"""

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from flask_appbuilder.security.sqla.models import Role
from playwright.sync_api import Page

from app.extensions import db
from app.security import ROLES
from app.services.transactions import transaction
from tests.browser.conftest import covered, enter, faults, overhang, squeezed
from tests.kit.clients import PASSWORD, add_staff
from tests.kit.words import foreign_words
from tests.test_translations import pages_without_arguments
from tests.views import stage
from tests.views.test_screens import screens

pytestmark = [pytest.mark.proof, pytest.mark.backends("sqlite")]
PHONE, DESK = (390, 844), (1366, 768)
EVERYONE = "everyone"
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
# They lead elsewhere, or are no page.
NO_PAGES = {"/login/", "/back"}


@pytest.fixture
def built(real_app: Flask, demo: None) -> stage.Stage:
    """A full day, for somebody who holds every staff role, and a member of each role."""
    made = stage.build()
    user = add_staff(None, EVERYONE, branch_id=None)
    with transaction() as session:
        roles = session.scalars(sa.select(Role).where(Role.name.in_(ROLES.keys() - {"partner"})))
        session.merge(user).roles = list(roles)
    for role in ROLES.keys() - {"partner"}:
        add_staff(role, f"member-{role}", branch_id=None)
    return made


def addresses(built: stage.Stage) -> Iterator[str]:
    """Every list, page of a row, form and page of its own."""
    for verb in ("list", "show", "add", "edit"):
        for view in screens(verb):
            row = db.session.scalars(sa.select(view.datamodel.key).limit(1)).first()
            if verb in {"list", "add"}:
                yield f"{view.route_base}/{verb}{'/' if verb == 'list' else ''}"
            elif row is not None:
                yield f"{view.route_base}/{verb}/{row}"
    for view in screens("list"):
        key = db.session.scalars(sa.select(view.datamodel.key).limit(1)).first()
        for action in view.row_actions.values():
            if action.form is not None and key is not None:
                yield f"{view.route_base}/ask/{action.name}/{key}"
    yield from (f"/orders/show/{built.completed.id}?part={part}" for part in ("dispatch", "money"))
    yield from (url for url in pages_without_arguments(current_app) if url not in NO_PAGES)


def wrong(page: Page, path: str, told: list[str], language: str) -> Iterator[str]:
    """What is wrong with the page at the path."""
    told.clear()
    answer = page.goto(path)
    if answer is None or answer.status != 200:
        yield f"{path}: {answer and answer.status}"
        return
    if not page.evaluate("document.doctype !== null"):
        return  # a part of a page, for its script
    yield from (f"{path}: axe {fault}" for fault in whole(page))
    yield from (f"{path}: console {text}" for text in told)
    if overhang(page) > 0:
        yield f"{path}: {overhang(page)} px too wide"
    yield from (f"{path}: squeezed {text}" for text in squeezed(page))
    yield from (f"{path}: covered {text}" for text in covered(page))
    if language == "zh":
        yield from (f"{path}: {word}" for word in sorted(set(foreign_words(page.content()))))


def whole(page: Page) -> list[str]:
    """Faults of the page in a window that shows all of it, nothing behind the bar at its foot."""
    window = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": window["width"], "height": max(window["height"], height)})
    found = faults(page)
    page.set_viewport_size(window)
    return found


def listening(page: Page) -> list[str]:
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    return told


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_is_right(built, context_of, capsys, size, language) -> None:
    page = context_of(*size, locale=LOCALES[language]).new_page()
    enter(page, EVERYONE, PASSWORD)
    page.goto(f"/lang/{language}")
    told, paths, began = listening(page), sorted(set(addresses(built))), time.monotonic()
    found = [fault for path in paths for fault in wrong(page, path, told, language)]
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\n{language} {size[0]} px: {len(paths)} pages, {len(found)} faults, {took:.0f} s")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", sorted(ROLES.keys() - {"partner"}))
def test_the_menu_of_a_role_leads_to_right_pages(built, context_of, capsys, role) -> None:
    page = context_of(*DESK).new_page()
    enter(page, f"member-{role}", PASSWORD)
    links = page.eval_on_selector_all("nav a[href^='/']", "found => found.map(a => a.pathname)")
    paths = sorted({path for path in links if not path.startswith(("/lang/", "/logout"))})
    told = listening(page)
    found = [fault for path in paths for fault in wrong(page, path, told, "zh")]
    forbidden = [path for path in paths if page.request.get(path).status != 200]
    with capsys.disabled():
        print(f"\n{role}: {len(paths)} pages of the menu, {len(found)} faults")
    assert (found, forbidden) == ([], [])
    assert len(paths) > 3
