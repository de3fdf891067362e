"""What the scripts do: searching selects, questions before acts, the drawer, chosen rows."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import faults
from tests.kit.browser import Contexts

PHONE = (390, 844)


def test_a_row_is_looked_up_with_the_keyboard_alone(shop) -> None:
    page = shop()
    page.goto("/orderview/add")
    box = page.get_by_role("combobox", name=re.compile("Customer"))
    assert box.input_value() == ""
    box.focus()
    box.press_sequentially("customer 01")
    options = page.locator(".lookup-list [role=option]")
    expect(options).to_have_count(10)
    assert faults(page) == []
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("Customer 012 (City 0)")
    assert page.locator("select[name=customer]").input_value() == "13"
    box.press("Tab")
    page.get_by_role("button", name="Remove").click()
    assert page.locator("select[name=customer]").input_value() == ""


def test_what_was_typed_and_not_chosen_is_not_kept(shop) -> None:
    page = shop()
    page.goto("/orderview/edit/3")
    box = page.get_by_role("combobox", name=re.compile("Customer"))
    before = box.input_value()
    box.fill("nobody of this name")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    box.press("Tab")
    expect(box).to_have_value(before)


def test_a_suggested_value_fills_its_field(shop) -> None:
    page = shop()
    page.goto("/orderview/ask/finish/1")
    page.get_by_role("button", name="Paid in cash").click()
    assert page.input_value("#reason") == "paid"


def test_deleting_asks_first_and_no_means_no(shop) -> None:
    page = shop()
    page.goto("/cityview/add")
    page.fill("#name", "To be deleted")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete To be deleted?")
    assert faults(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="To be deleted")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("City deleted.")).to_be_visible()


def test_chosen_rows_are_counted_and_acted_upon(shop) -> None:
    page = shop()
    page.goto("/orderview/list/?psize_OrderView=25")
    bar = page.locator(".bulk")
    expect(bar).to_be_hidden()
    page.get_by_label("Choose O-0006").check()
    page.get_by_label("Choose O-0013").check()
    expect(bar).to_contain_text("2 chosen")
    bar.get_by_role("button", name="Touch").click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Done for 2 rows.")).to_be_visible()


def test_a_click_on_a_row_opens_it(shop) -> None:
    page = shop()
    page.goto("/orderview/list/")
    page.locator("tbody tr").nth(2).locator("td").nth(3).click()
    page.wait_for_url("**/orderview/show/*")


def test_the_head_of_a_list_stays_in_sight(shop) -> None:
    page = shop()
    page.goto("/orderview/list/?psize_OrderView=100")
    page.mouse.wheel(0, 900)
    page.wait_for_function("scrollY > 300")
    top = page.locator("thead th").nth(1).bounding_box()["y"]
    assert 0 <= top < 120


def test_the_menu_is_a_drawer_on_a_phone_and_folds_on_a_desk(shop) -> None:
    phone = shop(*PHONE)
    phone.goto("/")
    expect(phone.locator("#side")).to_be_hidden()
    phone.get_by_role("button", name="Open the menu").click()
    expect(phone.locator("#side")).to_be_visible()
    assert faults(phone) == []
    phone.keyboard.press("Escape")
    expect(phone.locator("#side")).to_be_hidden()
    desk = shop()
    desk.goto("/")
    desk.get_by_role("button", name="Open the menu").click()
    expect(desk.locator("#side")).to_be_hidden()
    desk.goto("/orderview/list/")
    expect(desk.locator("#side")).to_be_hidden()


def test_filters_can_be_used_on_a_phone(shop) -> None:
    page = shop(*PHONE)
    page.goto("/orderview/list/")
    expect(page.locator("#filter-1")).to_be_hidden()
    page.get_by_role("button", name="Filter").first.click()
    page.fill("#filter-1", "0007")
    page.locator(".filter-buttons .btn-primary").click()
    page.wait_for_url("**/orderview/list/?_flt_0_code=0007")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_colours_are_kept(shop) -> None:
    page = shop(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Dark colours").click()
    page.goto("/orderview/list/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert faults(page) == []


def test_a_slash_leads_to_the_search(shop) -> None:
    page = shop()
    page.goto("/")
    page.keyboard.press("/")
    expect(page.locator("#global-search")).to_be_focused()


def test_a_form_is_sent_once(shop) -> None:
    page = shop()
    page.goto("/cityview/add")
    page.fill("#name", "Only once")
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.get_by_role("button", name="Save", exact=True).dblclick()
    page.wait_for_url("**/cityview/show/*")
    assert len(sent) == 1


def test_a_page_that_asks_another_host_is_found_out(browser, shop_url) -> None:
    contexts = Contexts(browser, shop_url)
    page = contexts.open(1366, 768).new_page()
    with page.expect_event("requestfailed"):
        page.set_content("<img src='http://example.com/pixel.png'>")
    with pytest.raises(AssertionError, match=r"example\.com"):
        contexts.close()
