"""The language of an answer: what the client asks for, Chinese otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, request
from flask_babel import force_locale


def spoken_language() -> str:
    """The best of Accept-Language that the product speaks."""
    languages = list(current_app.config["LANGUAGES"])
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    return request.accept_languages.best_match(languages, default) or default


@contextmanager
def spoken() -> Iterator[None]:
    """Speak the caller's language. No session, no cookie is asked or written."""
    with force_locale(spoken_language()):
        yield
