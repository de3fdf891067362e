"""Personal data at rest: AES-256-GCM columns, and keyed indexes for exact look-up.

Format of a stored value: one byte key id, 12 bytes nonce, ciphertext with tag. The column's
name is authenticated with it, so that a value cannot be moved to another column.
"""

import base64
import functools
import hashlib
import hmac
import os
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

KEY_ID = 1


class Encrypted(sa.TypeDecorator[str]):
    """Text that the database never sees. `column` is "table.column", never changed later."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        if value is None:
            return None
        nonce = os.urandom(12)
        sealed = _cipher().encrypt(nonce, value.encode(), self.column.encode())
        return bytes([KEY_ID]) + nonce + sealed

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        if value is None:
            return None
        stored = bytes(value)
        if stored[0] != KEY_ID:
            raise ValueError(f"{self.column} was sealed with unknown key {stored[0]}")
        return _cipher().decrypt(stored[1:13], stored[13:], self.column.encode()).decode()


def blind_index(kind: str, value: str) -> str:
    """A keyed fingerprint: equal values look alike, nobody without the key can enumerate them."""
    message = f"{kind}\x00{value}".encode()
    return hmac.new(current_app.config["INDEX_KEY"], message, hashlib.sha256).hexdigest()


def _cipher() -> AESGCM:
    return _cipher_of(current_app.config["DATA_KEY"])


@functools.lru_cache(maxsize=4)
def _cipher_of(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal_text(purpose: str, text: str) -> str:
    """Encrypt a text that must rest in a JSON document, such as a message waiting to be sent."""
    nonce = os.urandom(12)
    sealed = _cipher().encrypt(nonce, text.encode(), purpose.encode())
    return base64.b64encode(bytes([KEY_ID]) + nonce + sealed).decode()


def unseal_text(purpose: str, stored: str) -> str:
    raw = base64.b64decode(stored)
    return _cipher().decrypt(raw[1:13], raw[13:], purpose.encode()).decode()
