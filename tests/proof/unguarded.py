"""The product without the lock on workers, to be served by gunicorn: what is left then?"""

from flask import Flask

from app import create_app
from app.services.roster import claims


def without_lock() -> Flask:
    setattr(claims, "lock_workers", lambda ids: None)  # noqa: B010  # on purpose, for the proof
    return create_app()
