"""Forgetting the demo company, so that the next start makes a new one."""

import shutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.server import locks
from config import ConfigError


def forget(settings: dict[str, Any]) -> None:
    """Delete the demo's database, files and gateway state; the keys stay.

    Raises ConfigError without DEMO=1 and FolderInUse while a server runs.
    """
    if not settings["DEMO"]:
        raise ConfigError("Only a demo can be reset; DEMO=1 is not set.")
    with locks.data_folder(Path(settings["DATA_DIR"])):
        empty(settings)


def empty(settings: dict[str, Any]) -> None:
    """The deed itself, for somebody who holds the data folder."""
    folder = Path(settings["DATA_DIR"])
    _empty_database(settings["SQLALCHEMY_DATABASE_URI"])
    for name in ("files", "gateway"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("admin-password", "audit-head.json"):
        (folder / name).unlink(missing_ok=True)


def _empty_database(url: str) -> None:
    if url.startswith("sqlite"):
        path = sa.make_url(url).database or ""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        return
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
