"""No foreign host, no fault of accessibility, no sideways scrolling: on the product's own pages."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import faults, overhang

pytestmark = pytest.mark.backends("sqlite")
PAGES = [
    "/", "/branchview/list/", "/branchview/show/1", "/branchview/edit/1", "/branchview/add",
    "/orderview/list/", "/orderview/list/?_flt_0_number=x", "/staff/list/", "/staff/add",
    "/profile/", "/roles/list/", "/roles/show/1", "/nowhere",
]  # fmt: skip
SHOP = [
    "/orderview/list/", "/orderview/show/1", "/orderview/edit/1", "/orderview/add",
    "/orderview/ask/finish/1", "/lineview/list/", "/lineview/add",
]  # fmt: skip
PHONE, DESK = (390, 844), (1366, 768)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_are_accessible_and_fit(signed_in, size, scheme) -> None:
    page = signed_in(*size, color_scheme=scheme)
    found = {}
    for path in PAGES:
        page.goto(path)
        if said := faults(page):
            found[path] = said
        if overhang(page) > 0:
            found[f"{path} is too wide"] = [str(overhang(page))]
    assert not found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_full_lists_and_forms_are_accessible_and_fit(shop, size, scheme) -> None:
    page = shop(*size, color_scheme=scheme)
    found = {}
    for path in SHOP:
        page.goto(path)
        if said := faults(page):
            found[path] = said
        if overhang(page) > 0:
            found[f"{path} is too wide"] = [str(overhang(page))]
    assert not found


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
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


def test_the_documentation_of_the_api_asks_nobody_else(signed_in) -> None:
    page = signed_in()
    page.goto("/api/docs/")
    page.wait_for_selector(".swagger-ui .opblock", timeout=30_000)
    assert page.locator(".swagger-ui .opblock").count() > 5
