"""One at a time: a file lock for a folder, and one for the installation of a database."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from app.extensions import db

INSTALL_KEY = 0x1257A11  # any number that nothing else in this database locks


class FolderInUse(Exception):
    """Another process serves from this data folder."""


@contextmanager
def data_folder(folder: Path) -> Iterator[None]:
    """Hold the folder as long as the process lives. The kernel lets go when it dies."""
    with (folder / "server.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise FolderInUse(
                f"Another process is already serving from {folder}. "
                "Stop it, or set DATA_DIR to another folder."
            ) from exc
        yield


@contextmanager
def installation(app: Flask) -> Iterator[None]:
    """Wait until no other process, on whatever machine, installs into this database."""
    if db.engine.dialect.name == "sqlite":
        with _file_lock(Path(app.config["DATA_DIR"]) / "install.lock"):
            yield
        return
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(sa.select(sa.func.pg_advisory_lock(INSTALL_KEY)))
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(INSTALL_KEY)))


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
