"""Loading the demo company once, even when the first start is interrupted or two start at once."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_appbuilder.security.sqla.models import User

from app.extensions import db
from app.models import CustomerAccount, JobRun, Order, Worker
from app.server import demo_reset, installation, locks
from app.services.system import job_runs

JOB = "load_demo"  # its row in job_run is the mark that a load has begun
# The mark's period: what the load began with.
EMPTY, COMPANY = "into an empty database", "into a company"
HALF_AND_EMPTY = sa.text(
    "SELECT 1 FROM job_run WHERE job = :job AND period = :period"
    " AND NOT EXISTS (SELECT 1 FROM installation WHERE demo_seeded_on IS NOT NULL)"
)


class HalfLoaded(Exception):
    """Loading the demo was interrupted, and what it left cannot be told from other data."""


class OtherData(Exception):
    """A large demo is written in bulk, between which and other people's rows nobody could tell."""


def complete(app: Flask, scale: str = "small") -> None:
    """Load the demo when the settings ask for one that is not there yet.

    Raises HalfLoaded after an interrupted load, with or without DEMO=1, and OtherData for a large
    one into a database in which somebody has already worked.
    """
    with app.app_context(), locks.installation(app):
        if installation.demo_is_loaded():
            return
        _refuse_half()
        if app.config["DEMO"]:
            _load(scale)


def forget_half(settings: dict[str, Any]) -> None:
    """Delete a demo whose load was interrupted, on SQLite with DEMO=1 and only if there was
    nothing else in the database when the load began. The caller holds the data folder.
    """
    url = settings["SQLALCHEMY_DATABASE_URI"]
    if settings["DEMO"] and url.startswith("sqlite") and _is_half_and_empty(url):
        print("The last start was interrupted; the demo company begins anew.", flush=True)
        demo_reset.empty(settings)


def _load(scale: str) -> None:
    print("Loading the demo company...", flush=True)
    # Imported here: only the first start of a demo needs it.
    from app.demo import loader

    used = _has_data()
    if used and loader.SCALES[scale].growth:
        raise OtherData(
            f"This database has other data; a demo of scale {scale} needs an empty one."
        )
    with job_runs.run_of(JOB, COMPANY if used else EMPTY):
        loader.load(scale=scale)


def _refuse_half() -> None:
    if db.session.scalar(sa.select(JobRun.id).filter_by(job=JOB).limit(1)) is not None:
        raise HalfLoaded(
            "Loading the demo company was interrupted, so this database holds a part of it; "
            "`make demo-reset` deletes the whole database, and the next start makes a new demo."
        )


def _has_data() -> bool:
    users = db.session.scalar(sa.select(sa.func.count(User.id))) or 0
    tables = (Worker, CustomerAccount, Order)
    found = (db.session.scalar(sa.select(table.id).limit(1)) for table in tables)
    return users > 1 or any(row is not None for row in found)


def _is_half_and_empty(url: str) -> bool:
    path = sa.make_url(url).database
    if not path or not Path(path).exists():
        return False
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("job_run"):
                return False
            mark = {"job": JOB, "period": EMPTY}
            return connection.execute(HALF_AND_EMPTY, mark).first() is not None
    finally:
        engine.dispose()
