"""From the button of a list to the file in the hand, in a browser."""

import re
import threading

import openpyxl
import pytest
from playwright.sync_api import expect

from app.services.system import job_runs
from app.views import base_exports
from tests import factories
from tests.browser.conftest import enter, faults, overhang
from tests.kit.clients import PASSWORD, add_staff

pytestmark = pytest.mark.backends("sqlite")
WORDS, MONEY, TIME = (0, 1, 2, 3, 4, 6), 7, 5


@pytest.fixture
def orders(real_app):
    company = factories.company()
    factories.worker(company)
    return [factories.order(company, factories.tomorrow(hour)) for hour in (9, 12, 15)]


@pytest.fixture
def slow(real_app, monkeypatch):
    """One row a step; the job waits after the first until it is told to go on."""
    monkeypatch.setattr(base_exports, "SMALL", 0)
    monkeypatch.setattr(base_exports, "BATCH", 1)
    monkeypatch.setattr(job_runs, "SIGN_OF_LIFE", -1)
    go_on, usual = threading.Event(), job_runs.Run.progress

    def progress(run, done, total=None, message=""):
        usual(run, done, total, message)
        if done == 1:
            go_on.wait(30)

    monkeypatch.setattr(job_runs.Run, "progress", progress)
    yield go_on
    go_on.set()


def background(app):
    def work():
        with app.app_context():
            app.extensions["job_queue"].run_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def shown_rows(page):
    return [
        [cell.inner_text().strip() for cell in row.locator("td:not(.pick):not(.tools)").all()]
        for row in page.locator(".listing tbody tr").all()
    ]


def test_a_filtered_list_is_exported_watched_and_downloaded(
    real_app, orders, slow, context_of, tmp_path
):
    add_staff("operations", "ops", branch_id=None)
    page = context_of(1366, 768, locale="zh-CN").new_page()
    enter(page, "ops", PASSWORD)
    page.goto("/orders/list/?_flt_0_status=pending_payment&_oc_OrderView=number&_od_OrderView=desc")
    on_screen = shown_rows(page)
    real_app.extensions["job_queue"].started.clear()

    page.get_by_role("button", name="导出 Excel").click()
    page.wait_for_url("**/exports/show/*")
    expect(page.get_by_text("等待中").first).to_be_visible()
    thread = background(real_app)
    expect(page.get_by_text(re.compile(r"1 / 3"))).to_be_visible(timeout=15_000)
    assert faults(page) == []
    slow.set()
    thread.join(15)
    link = page.get_by_role("link", name="下载", exact=True)
    expect(link).to_be_visible(timeout=15_000)
    with page.expect_download() as coming:
        link.click()
    path = tmp_path / "list.xlsx"
    coming.value.save_as(path)

    sheet = openpyxl.load_workbook(path).active
    rows = list(sheet.iter_rows(min_row=5, values_only=True))
    assert len(rows) == len(on_screen) == 3
    for row, shown in zip(rows, on_screen, strict=True):
        assert [row[at] or "—" for at in WORDS] == [shown[at] for at in WORDS]
        assert f"¥{row[MONEY]:,.2f}" == shown[MONEY]
        assert f"{row[TIME]:%Y-%m-%d %H:%M}" == shown[TIME]
    assert re.fullmatch(r"订单 .*\.xlsx", coming.value.suggested_filename)


@pytest.mark.crawler(every=0)
def test_the_pages_of_jobs_and_files_fit_a_phone(real_app, orders, context_of):
    add_staff("auditor", "auditor", branch_id=None)
    page = context_of(390, 844, locale="zh-CN").new_page()
    enter(page, "auditor", PASSWORD)
    page.goto("/orders/list/")
    page.get_by_role("button", name="导出 Excel").click()
    page.wait_for_url("**/exports/show/*")
    for path in (page.url, "/exports/list/", "/timetable/", "/jobs/list/", "/jobs/show/1"):
        page.goto(path)
        assert faults(page) == [], path
        assert overhang(page) <= 0, path
