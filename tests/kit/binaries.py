"""Which programs this machine has. A missing one skips its tests, and the summary says so."""

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """Something the tests need that pip does not bring."""

    name: str
    commands: tuple[str, ...]
    folders: tuple[str, ...] = ()

    def path(self) -> str | None:
        for command in self.commands:
            found = shutil.which(command) or self._in_folders(command)
            if found:
                return found
        return None

    def why_missing(self) -> str:
        return f"{self.name}: no {' or '.join(self.commands)} on this machine"

    def _in_folders(self, command: str) -> str | None:
        candidates = [path for folder in self.folders for path in Path("/").glob(folder)]
        for folder in sorted(candidates, key=_version, reverse=True):
            if (folder / command).is_file():
                return str(folder / command)
        return None


def _version(path: Path) -> list[int]:
    return [int(part) for part in path.parts if part.isdigit()]


POSTGRESQL = Program(
    "PostgreSQL",
    ("initdb",),
    ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"),
)
REDIS = Program("Redis", ("redis-server",))
CHROMIUM = Program("Chromium", ("chromium", "chromium-browser", "google-chrome"))
LIBREOFFICE = Program("LibreOffice", ("soffice", "libreoffice"))
POPPLER = Program("poppler-utils", ("pdftotext",))
ALL = (POSTGRESQL, REDIS, CHROMIUM, LIBREOFFICE, POPPLER)
