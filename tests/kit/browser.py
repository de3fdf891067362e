"""A real browser, and the promise that no page asks another host for anything."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

from tests.kit import binaries

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
NETWORK = {"http", "https", "ws", "wss"}  # a data: or blob: address asks nobody


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

    def open(
        self, width: int, height: int, *, also: Collection[str] = (), **more: Any
    ) -> BrowserContext:
        """A window of this size; `also` names addresses that it may ask besides the product's."""
        context = self._browser.new_context(
            base_url=self._base_url,
            viewport={"width": width, "height": height},
            locale=more.pop("locale", "zh-CN"),
            **more,
        )
        context.set_default_timeout(10_000)
        own = {urlsplit(url).netloc for url in (self._base_url, *also)}
        context.on("request", lambda request: self._note_host(request, own))
        context.on("page", self._listen)
        self._open.append(context)
        return context

    def close(self) -> None:
        for context in self._open:
            context.close()
        assert not self.foreign, f"Pages asked other hosts: {self.foreign}"
        assert not self.thrown, f"Scripts threw: {self.thrown}"

    def _note_host(self, request: Request, own: set[str]) -> None:
        there = urlsplit(request.url)
        if there.scheme in NETWORK and there.netloc not in own:
            self.foreign.append(request.url)

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.thrown.append(str(error)))
        page.on("console", self._note_blocked)

    def _note_blocked(self, message: ConsoleMessage) -> None:
        """The page's own policy blocks foreign hosts before they are asked."""
        if "Content Security Policy" in message.text:
            self.foreign.append(message.text)


@pytest.fixture
def live_url(real_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, real_app, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setitem(real_app.config, "PUBLIC_URL", url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not binaries.CHROMIUM.path():
        pytest.skip(binaries.CHROMIUM.why_missing())
    with started() as running:
        yield running


@pytest.fixture
def context_of(browser: Any, live_url: str) -> Iterator[Callable[..., Any]]:
    contexts = Contexts(browser, live_url)
    yield contexts.open
    contexts.close()


@pytest.fixture
def page(context_of: Callable[..., Any]) -> Any:
    return context_of(1440, 900).new_page()
