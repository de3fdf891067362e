"""One prepared database a backend, copied for whoever needs a fresh one."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tests.kit.servers import Servers

TEMPLATE = "template"
Builder = Callable[[str], None]  # fills the empty database at this URL


class Backend(Protocol):
    name: str

    def fresh(self, name: str, kind: str = TEMPLATE, build: Builder | None = None) -> str:
        """A copy of the prepared database under this name; returns its URL.

        Of another kind: a copy of what `build` made of an empty one, once in a test run.
        """

    def empty(self, name: str) -> str:
        """A database without any table."""

    def drop(self, name: str) -> None: ...


class Sqlite:
    name = "sqlite"

    def __init__(self, servers: Servers, build: Builder) -> None:
        self._servers = servers
        self._build = build
        self._folder = servers.folder / "sqlite"
        self._folder.mkdir(exist_ok=True)

    def fresh(self, name: str, kind: str = TEMPLATE, build: Builder | None = None) -> str:
        template = self._folder / f"{kind}.db"
        with self._servers.locked(f"sqlite-{kind}"):
            if not template.exists():
                draft = f"draft_{kind}"
                (build or self._build)(self.empty(draft))
                self._path(draft).rename(template)
        target = self._path(name)
        shutil.copyfile(template, target)
        return self._url(target)

    def empty(self, name: str) -> str:
        return self._url(self._path(name))

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path(name)}{suffix}").unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.db"

    @staticmethod
    def _url(path: Path) -> str:
        return f"sqlite:///{path}"


class Postgresql:
    name = "postgresql"

    def __init__(self, servers: Servers, build: Builder) -> None:
        self._servers = servers
        self._build = build

    def fresh(self, name: str, kind: str = TEMPLATE, build: Builder | None = None) -> str:
        with self._servers.locked(f"postgresql-{kind}"):
            marker = self._servers.folder / f"postgresql-{kind}"
            if not marker.exists():
                (build or self._build)(self.empty(kind))
                marker.touch()
            return self._create(name, f"TEMPLATE {kind}")

    def empty(self, name: str) -> str:
        return self._create(name, "TEMPLATE template0")

    def drop(self, name: str) -> None:
        with self._servers.postgresql_admin() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())

    def _create(self, name: str, source: str) -> str:
        with self._servers.postgresql_admin() as connection:
            connection.execute(f"CREATE DATABASE {name} {source} STRATEGY FILE_COPY".encode())
        return self._servers.postgresql_url(name)
