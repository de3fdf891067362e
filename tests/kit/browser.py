"""A real browser, and the promise that no page asks another host for anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.kit import binaries

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def started() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=binaries.CHROMIUM.path(), headless=True, args=FLAGS
        )
        yield browser
        browser.close()


class Contexts:
    """Browser contexts of one test. close() fails when something went wrong unseen."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self._open: list[BrowserContext] = []
        self.foreign: list[str] = []
        self.thrown: list[str] = []

    def open(self, width: int, height: int, **more: Any) -> BrowserContext:
        context = self._browser.new_context(
            base_url=self._base_url,
            viewport={"width": width, "height": height},
            locale=more.pop("locale", "zh-CN"),
            **more,
        )
        context.set_default_timeout(10_000)
        context.route("**/*", self._only_own_host)
        context.on("page", self._listen)
        self._open.append(context)
        return context

    def close(self) -> None:
        for context in self._open:
            context.close()
        assert not self.foreign, f"Pages asked other hosts: {self.foreign}"
        assert not self.thrown, f"Scripts threw: {self.thrown}"

    def _only_own_host(self, route: Route) -> None:
        if urlsplit(route.request.url).netloc == urlsplit(self._base_url).netloc:
            route.continue_()
            return
        self.foreign.append(route.request.url)
        route.abort()

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.thrown.append(str(error)))
