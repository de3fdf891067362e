"""No foreign host, no fault of accessibility, no sideways scrolling: on the product's own pages."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_appbuilder.security.sqla.models import Role
from playwright.sync_api import Page, expect

from app.extensions import db
from app.models import Service
from app.services.transactions import transaction
from tests.browser.conftest import covered, enter, faults, overhang, squeezed
from tests.kit.clients import PASSWORD, add_staff
from tests.views import stage

pytestmark = pytest.mark.backends("sqlite")
# One of a kind; the proofs look at every page.
PAGES = [
    "/", "/branchview/list/", "/branchview/show/1", "/branchview/edit/1",
    "/orders/list/?_flt_0_number=x", "/roles/show/1", "/roles/add", "/nowhere",
]  # fmt: skip
SHOP = [
    "/orderview/list/", "/orderview/show/1", "/orderview/edit/1", "/orderview/ask/finish/1",
    "/lineview/add",
]  # fmt: skip
PHONE, DESK = (390, 844), (1366, 768)
# One look each in every test run; all of them in the proofs.
PROOF = pytest.mark.proof


def looks(*, usual: str) -> pytest.MarkDecorator:
    every = {
        "desk-light": (DESK, "light"),
        "desk-dark": (DESK, "dark"),
        "phone-light": (PHONE, "light"),
        "phone-dark": (PHONE, "dark"),
    }
    return pytest.mark.parametrize(
        ("size", "scheme"),
        [
            pytest.param(*look, id=name, marks=() if name == usual else PROOF)
            for name, look in every.items()
        ],
    )


def wrong(page: Page, paths: list[str]) -> dict[str, list[str]]:
    """What is wrong with these pages; each must open, or it would be a page of an error."""
    found = {}
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        expected = 404 if path == "/nowhere" else 200
        assert answer.status == expected, f"{path}: {answer.status}"
        if said := faults(page):
            found[path] = said
        if overhang(page) > 0:
            found[f"{path} is too wide"] = [str(overhang(page))]
        if words := squeezed(page) + covered(page):
            found[f"{path} squeezes or covers"] = words
    return found


@pytest.fixture
def full(real_app: Flask) -> list[str]:
    """Pages with data of every kind, for "everyone": somebody who holds all roles."""
    built = stage.build()
    user = add_staff(None, "everyone", branch_id=None)
    with transaction() as session:
        others = ["Admin", "Public", "partner"]
        roles = session.scalars(sa.select(Role).where(Role.name.not_in(others)))
        session.merge(user).roles = list(roles)
    order, service = built.completed.id, db.session.scalars(sa.select(Service.id)).first()
    return [
        "/orders/list/",
        *(f"/orders/show/{order}?part={part}" for part in ("story", "money")),
        f"/settlement/show/{built.run.id}", f"/serviceview/edit/{service}",
    ]  # fmt: skip


@looks(usual="desk-light")
def test_the_pages_are_accessible_and_fit(signed_in, size, scheme) -> None:
    page = signed_in(*size, color_scheme=scheme)
    assert not wrong(page, PAGES)


@looks(usual="phone-light")
def test_full_lists_and_forms_are_accessible_and_fit(shop, size, scheme) -> None:
    page = shop(*size, color_scheme=scheme)
    assert not wrong(page, SHOP)


@pytest.mark.crawler(every=0)
@looks(usual="phone-dark")
def test_the_pages_of_a_full_day_are_accessible_and_fit(full, context_of, size, scheme) -> None:
    page = context_of(*size, color_scheme=scheme).new_page()
    enter(page, "everyone", PASSWORD)
    assert page.locator("html").get_attribute("lang") in {"zh", "zh-CN"}
    assert not wrong(page, full)


@looks(usual="desk-dark")
def test_the_login_page_is_accessible_and_fits(context_of, size, scheme) -> None:
    page = context_of(*size, color_scheme=scheme).new_page()
    page.goto("/login/")
    assert faults(page) == []
    page.fill("#username", "nobody")
    page.fill("#password", "wrong")
    page.click("button[type=submit]")
    expect(page.locator(".notice-bad")).to_be_visible()
    assert page.input_value("#username") == "nobody"
    assert faults(page) == []
    assert overhang(page) == 0


@pytest.mark.crawler(every=0)
def test_the_documentation_of_the_api_asks_nobody_else(signed_in) -> None:
    page = signed_in()
    page.goto("/api/docs/")
    page.wait_for_selector(".swagger-ui .opblock", timeout=30_000)
    assert page.locator(".swagger-ui .opblock").count() > 5
