"""The link in a printed document's QR code, by which anybody can check that we issued it."""

import base64
import hmac
from urllib.parse import quote

from flask import current_app

from app.models.crypto import blind_index

KINDS = ("statement", "receipt")
SIGNATURE_BYTES = 10  # 80 bits: cannot be guessed, and keeps the QR code coarse


def signature(kind: str, number: str) -> str:
    """Return the short signature of a document: 16 letters and digits.

    Keyed with the index key, the one key that outlives the paper: SECRET_KEY may be changed.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not a kind of document")
    digest = bytes.fromhex(blind_index(f"document:{kind}", number))
    return base64.b32encode(digest[:SIGNATURE_BYTES]).decode()


def verified(kind: str, number: str, given: str) -> bool:
    """Whether `given` is our signature of this document. Unknown kinds have none."""
    if kind not in KINDS:
        return False
    return hmac.compare_digest(signature(kind, number).encode(), given.strip().upper().encode())


def verification_url(kind: str, number: str) -> str:
    """Return the address that the QR code holds."""
    root = current_app.config["PUBLIC_URL"]
    return f"{root}/verify/{kind}/{quote(number, safe='')}?s={signature(kind, number)}"
