"""What an audit row says, as bytes, and the mark that proves who wrote it.

mark = 16 hex digits of chance + HMAC-SHA256 (first 48 hex digits) with a key that the database does
not hold. So a row that somebody changes or adds with SQL is found, sealed or not.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask import current_app

CHANCE = 16
PROOF = 48
TOLD = ("actor_kind", "actor_id", "address", "action", "entity", "entity_id", "changes", "person")


def canonical(row: Mapping[Any, Any], chance: str) -> bytes:
    """The row without its id, the same from both databases."""
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    said = [at, *(plain(row[name]) for name in TOLD), chance]
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def mark_of(row: Mapping[Any, Any]) -> str:
    """A new mark for a row that is about to be written."""
    chance = os.urandom(CHANCE // 2).hex()
    return chance + _proof(canonical(row, chance))


def is_genuine(row: Mapping[Any, Any]) -> bool:
    """Whether the application wrote the row, and exactly so."""
    mark = row["mark"]
    chance, proof = mark[:CHANCE], mark[CHANCE:]
    return len(mark) == CHANCE + PROOF and hmac.compare_digest(
        proof, _proof(canonical(row, chance))
    )


def digest(row: Mapping[Any, Any]) -> bytes:
    """What a seal covers of a row: its id, what it says, its mark."""
    said = canonical(row, row["mark"][:CHANCE])
    return b"%d\n%s\n%s\n" % (row["id"], said, row["mark"].encode())


def plain(value: Any) -> Any:
    """What JSON gives back. PostgreSQL keeps numbers, not their kind: 2.0 may return as 2."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


def _proof(said: bytes) -> str:
    key: bytes = current_app.config["INDEX_KEY"]
    return hmac.new(key, b"audit_log\0" + said, hashlib.sha256).hexdigest()[:PROOF]
