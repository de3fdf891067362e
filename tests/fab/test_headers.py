"""Headers, error pages and third-party files."""

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask

from tests.fab.conftest import ROOT, STOCK_WARNS, sign_in

pytestmark = STOCK_WARNS
PAGES = [
    "/login/", "/", "/orderview/list/", "/orderview/show/1", "/orderview/edit/1",
    "/orderview/add", "/orderview/ask/finish/1", "/profile/", "/staff/list/", "/roles/show/2",
    "/nope",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_the_headers_and_nothing_inline(ours: Flask, path: str) -> None:
    answer = sign_in(ours).get(path, follow_redirects=path == "/login/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("no-store")
    assert not re.search(r"\son\w+\s*=", answer.text)
    assert "style=" not in answer.text
    assert "javascript:" not in answer.text
    inline = re.findall(r"<script(?![^>]*(?:src=|application/json))", answer.text)
    assert inline == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', answer.text) == []


@pytest.mark.backends("sqlite")
def test_a_browser_finds_the_mark_where_no_page_names_it(client) -> None:
    answer = client.get("/favicon.ico", follow_redirects=True, buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


@pytest.mark.parametrize(("path", "status"), [("/nope", 404), ("/orderview/delete/1", 405)])
def test_a_refused_page_says_so_in_the_frame(ours: Flask, path: str, status: int) -> None:
    answer = sign_in(ours).get(path)
    assert answer.status_code == status
    assert 'class="oops-code"' in answer.text
    assert 'id="side"' in answer.text


def test_whoever_asks_for_json_gets_the_one_shape(ours: Flask) -> None:
    answer = sign_in(ours).get("/nope", headers={"Accept": "application/json"})
    error = answer.get_json()["error"]
    assert error["code"] == "not_found"
    assert set(error) == {"code", "message", "details"}


def test_a_crash_shows_a_plain_page_without_its_cause(make, monkeypatch) -> None:
    app = make("ours")
    client = sign_in(app)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr("app.views.base_lists.listing", lambda view: 1 / 0)
    answer = client.get("/orderview/list/")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert 'id="side"' not in answer.text


@pytest.mark.parametrize("folder", ["app/static/vendor", "tests/vendor"])
def test_third_party_files_are_as_published(folder: str) -> None:
    rows = re.findall(r"^\| (\S+/\S+) \| .* \| ([0-9a-f]{64}) \|$",
                      (ROOT / folder / "VENDOR.md").read_text(), re.M)  # fmt: skip
    assert rows
    for name, checksum in rows:
        content = (ROOT / folder / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum, name


def test_each_third_party_script_and_style_is_listed() -> None:
    folder = Path(ROOT, "app/static/vendor")
    listed = (folder / "VENDOR.md").read_text()
    for path in folder.rglob("*"):
        if path.suffix in {".js", ".css", ".woff2"}:
            assert str(path.relative_to(folder)) in listed
