"""Pages in a real browser: the product with an administrator, and the shop of tests/fab."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.fab import shop_views
from tests.fab.conftest import PASSWORD as SHOP_PASSWORD
from tests.fab.conftest import assemble, prepare
from tests.kit.browser import Contexts
from tests.kit.clients import PASSWORD, add_staff

AXE = Path(__file__).resolve().parents[1] / "vendor/axe/axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def enter(page: Page, name: str, password: str) -> None:
    page.goto("/login/")
    page.fill("#username", name)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_url("**/")


def squeezed(page: Page) -> list[str]:
    """Words that stand one sign below the other, because their box is hardly wider than one."""
    texts: list[str] = page.eval_on_selector_all(
        "main :is(label, th, td, dd, p, button, legend):not(.sr-only)",
        """found => {
            const seen = e => {
                const shown = e.cloneNode(true);
                shown.querySelectorAll(".sr-only").forEach(part => part.remove());
                return shown.textContent.trim();
            };
            return found
                .filter(e => e.offsetParent && e.clientWidth > 0 && e.clientWidth < 24)
                .map(seen).filter(text => text.length > 3);
        }""",
    )
    return texts


def covered(page: Page) -> list[str]:
    """First rows of tables that lie behind the head of their own table."""
    texts: list[str] = page.eval_on_selector_all(
        "main table",
        """tables => {
            scrollTo(0, 0);
            const parts = ["thead th", "tbody tr"];
            return tables.map(table => parts.map(part => table.querySelector(part)))
                .filter(([head, row]) => head?.offsetParent && row)
                .map(both => both.map(part => [part.getBoundingClientRect(), part.textContent]))
                .filter(([[head], [row]]) => head.bottom > row.top + 3)
                .map(([_head, [_place, text]]) => text.trim().slice(0, 40));
        }""",
    )
    return texts


def faults(page: Page) -> list[str]:
    """What axe has to say against the page, at AA."""
    # Evaluated by the debugger: the page's own policy would not let it in.
    page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate(
        "levels => axe.run(document, {runOnly: {type: 'tag', values: levels}})", LEVELS
    )
    return [
        f"{fault['id']}: {node['html'][:160]}"
        for fault in result["violations"]
        for node in fault["nodes"]
    ]


def overhang(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


@pytest.fixture
def signed_in(real_app: Flask, context_of: Callable[..., Any]) -> Callable[..., Page]:
    """signed_in(width, height, **context) -> a page of the product as its administrator."""
    add_staff("administrator", "root", branch_id=None)

    def open_page(width: int = 1366, height: int = 768, **more: Any) -> Page:
        page: Page = context_of(width, height, **more).new_page()
        enter(page, "root", PASSWORD)
        return page

    return open_page


@pytest.fixture(scope="session")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = assemble(tmp_path_factory.mktemp("shop") / "shop.db", shop_views.OURS, stock=False)
    prepare(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def shop_cookies(browser: Browser, shop_url: str) -> Any:
    """Of somebody who has signed in: once is enough for all tests."""
    contexts = Contexts(browser, shop_url)
    page = contexts.open(1366, 768).new_page()
    enter(page, "boss", SHOP_PASSWORD)
    state = page.context.storage_state()
    contexts.close()
    return state


@pytest.fixture
def shop(browser: Browser, shop_url: str, shop_cookies: Any) -> Iterator[Callable[..., Page]]:
    """shop(width, height) -> a page of the shop, signed in, that shows nothing yet."""
    contexts = Contexts(browser, shop_url)

    def open_page(width: int = 1366, height: int = 768, **more: Any) -> Page:
        context = contexts.open(width, height, storage_state=shop_cookies, **more)
        return context.new_page()

    yield open_page
    contexts.close()
