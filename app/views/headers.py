"""Response headers of every page, and what every template may use."""

import secrets
from typing import Any

from flask import Flask, Response, redirect, request, url_for

from app.views.base_chrome import install_chrome

POLICY: dict[str, tuple[str, ...]] = {
    "default-src": ("'self'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:", "blob:"),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "object-src": ("'none'",),
    "base-uri": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
}
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}
NONCE, EXTRA = "backoffice.csp_nonce", "backoffice.csp_extra"
YEAR = 365 * 24 * 3600


def install_headers(app: Flask) -> None:
    """Put the security headers on all responses, the error pages and the template globals in."""
    app.after_request(_add_headers)
    app.add_url_rule("/favicon.ico", "favicon", _favicon)
    app.context_processor(lambda: {"csp_nonce": csp_nonce})
    install_chrome(app)


def csp_nonce() -> str:
    """The one-time word that lets an inline <script nonce> or <style nonce> of this page run."""
    nonce: str = request.environ.setdefault(NONCE, secrets.token_urlsafe(16))
    return nonce


def allow(directive: str, source: str) -> None:
    """Let this page alone use one more source, for instance img-src of a map's tiles."""
    request.environ.setdefault(EXTRA, []).append((directive, source))


def _favicon() -> Any:
    """Where a browser looks for the mark when what it shows names none: a text, a table, a part."""
    return redirect(url_for("static", filename="img/mark.svg"), 301)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _policy())
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    if response.mimetype == "text/html" and "Cache-Control" not in response.headers:
        # Pages show personal data: the next person at this machine must not go back to them.
        response.headers["Cache-Control"] = "no-store"
    return response


def _policy() -> str:
    parts: dict[str, list[Any]] = {name: list(sources) for name, sources in POLICY.items()}
    nonce = request.environ.get(NONCE)
    if nonce:
        parts["script-src"].append(f"'nonce-{nonce}'")
        parts["style-src"].append(f"'nonce-{nonce}'")
    for directive, source in request.environ.get(EXTRA, []):
        parts.setdefault(directive, ["'self'"]).append(source)
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in parts.items())
