"""A test's changes, thrown away at its end, although the code under test really commits.

All sessions of the test share one connection inside one outer transaction. Each commit ends a
savepoint, so later sessions see it; the outer transaction is rolled back. Append-only tables could
not be emptied in any other way.

A module may keep what it built for all of its tests (`once` in conftest): then the outer
transaction is the module's, and a test throws away a savepoint in it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from dataclasses import fields, is_dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from app.extensions import db


@contextmanager
def thrown_away(app: Flask) -> Iterator[None]:
    engines: dict[str | None, Any] = db._app_engines[app]
    engine = engines[None]
    if is_kept(app):
        savepoint = engine.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()
        return
    with engine.connect() as connection:
        outer = connection.begin()
        engines[None] = _as_engine(connection, engine)
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        sa.event.listen(Session, "before_commit", _check_deferred)
        try:
            yield
        finally:
            sa.event.remove(Session, "before_commit", _check_deferred)
            db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")
            engines[None] = engine
            outer.rollback()


def is_kept(app: Flask) -> bool:
    """Does the module keep what it built?"""
    return isinstance(db._app_engines[app][None], sa.Connection)


@contextmanager
def as_before(*fakes: Any) -> Iterator[None]:
    """What happens to these objects in this time, their lists and dictionaries too, is undone."""
    states = [{name: copy(value) for name, value in vars(fake).items()} for fake in fakes]
    try:
        yield
    finally:
        for fake, state in zip(fakes, states, strict=True):
            vars(fake).clear()
            vars(fake).update(state)


def attached(made: Any) -> Any:
    """The same with its rows (itself, those in lists and dataclasses) in the present session."""
    if isinstance(made, (list, tuple)):
        return type(made)(attached(one) for one in made)
    if sa.inspect(made, raiseerr=False) is not None:
        return db.session.merge(made)
    if is_dataclass(made) and not isinstance(made, type):
        rows = {field.name: attached(getattr(made, field.name)) for field in fields(made)}
        return replace(made, **rows)
    return made


@contextmanager
def other_engine(app: Flask, url: str) -> Iterator[None]:
    """Let the application use another database for a while."""
    engines: dict[str | None, Any] = db._app_engines[app]
    usual, usual_url = engines[None], app.config["SQLALCHEMY_DATABASE_URI"]
    engines[None] = sa.create_engine(url, **app.config["SQLALCHEMY_ENGINE_OPTIONS"])
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    try:
        yield
    finally:
        engines[None].dispose()
        engines[None], app.config["SQLALCHEMY_DATABASE_URI"] = usual, usual_url


def _as_engine(connection: sa.Connection, engine: sa.Engine) -> Any:
    """Some code asks the bind what it would ask an engine."""
    stand_in: Any = connection
    stand_in.name = engine.name
    stand_in.url = engine.url
    stand_in.connect = lambda: nullcontext(connection)
    return stand_in


def _check_deferred(session: Session) -> None:
    """Deferred constraints are due at a real commit, which never comes here: ask for them now."""
    if session.get_bind().dialect.name == "postgresql":
        session.flush()
        session.connection().exec_driver_sql(
            "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
        )
