import hashlib
import stat
from pathlib import Path

import pytest

from app.domain.errors import NotFound
from app.gateways.storage import LocalStorage


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "files")


def test_what_is_put_can_be_opened_again(storage: LocalStorage) -> None:
    stored = storage.put(b"a photo")

    with storage.open(stored.key) as file:
        assert file.read() == b"a photo"
    assert stored.sha256 == hashlib.sha256(b"a photo").hexdigest()
    assert stored.size == 7


def test_the_same_bytes_twice_are_two_files_with_one_digest(storage: LocalStorage) -> None:
    first, second = storage.put(b"x"), storage.put(b"x")

    storage.delete(first.key)

    assert first.sha256 == second.sha256
    with storage.open(second.key) as file:
        assert file.read() == b"x"


def test_files_are_private_and_spread_over_folders(storage: LocalStorage, tmp_path: Path) -> None:
    key = storage.put(b"x").key

    path = tmp_path / "files" / key[:2] / key[2:4] / key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(key) == 32


def test_deleting_is_final_and_may_be_repeated(storage: LocalStorage) -> None:
    key = storage.put(b"x").key

    storage.delete(key)
    storage.delete(key)

    with pytest.raises(NotFound):
        storage.open(key)


@pytest.mark.parametrize(
    "key", ["", "..", "../../etc/passwd", "/etc/passwd", "A" * 32, "0" * 31, "0" * 32 + "\n"]
)
def test_a_key_that_is_none_of_ours_reaches_no_file(storage: LocalStorage, key: str) -> None:
    storage.put(b"x")

    with pytest.raises(NotFound):
        storage.open(key)
    with pytest.raises(NotFound):
        storage.delete(key)


def test_a_write_that_fails_leaves_nothing_behind(
    storage: LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("app.gateways.storage.os.fsync", full)

    with pytest.raises(OSError, match="No space"):
        storage.put(b"x")

    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
