"""Where uploaded bytes live. A key is random: it tells nothing and cannot be guessed."""

import hashlib
import io
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from app.domain.errors import NotFound

CHUNK = 256 * 1024
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class StoredFile:
    """sha256 is of the content (hex), for comparing and for finding the same file twice."""

    key: str
    sha256: str
    size: int


class Storage(Protocol):
    """Holds bytes under keys of its own making."""

    def put(self, data: bytes) -> StoredFile: ...

    def put_file(self, path: Path) -> StoredFile:
        """Keep a copy of a file that may be too large for the memory."""

    def open(self, key: str) -> BinaryIO:
        """Raises NotFound. The caller closes it."""

    def delete(self, key: str) -> None:
        """Deleting what is not there is no error."""


class LocalStorage:
    """Files below one folder, sharded by the key's first two pairs of digits."""

    def __init__(self, root: Path) -> None:
        self._root = Path(root)

    def put(self, data: bytes) -> StoredFile:
        """Write whole or not at all: a reader never sees half a file."""
        return self._put(io.BytesIO(data))

    def put_file(self, path: Path) -> StoredFile:
        with path.open("rb") as source:
            return self._put(source)

    def _put(self, source: BinaryIO) -> StoredFile:
        key = secrets.token_hex(16)
        path = self._path(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, size = _write_atomically(path, source)
        return StoredFile(key, digest, size)

    def open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFound("No such file", key=key) from None

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        # The pattern also keeps "../" and absolute paths out.
        if not _KEY.fullmatch(key):
            raise NotFound("No such file", key=key)
        return self._root / key[:2] / key[2:4] / key


def _write_atomically(path: Path, source: BinaryIO) -> tuple[str, int]:
    """Returns the SHA-256 (hex) and the size of what was written."""
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(descriptor, "wb") as file:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size
