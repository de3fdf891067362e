"""What every provider's messages have in common: some cannot be believed."""

from typing import Any
from urllib.parse import urlsplit


class NotTrusted(Exception):
    """A message that the provider did not sign just now. `reason` as in InvalidNotice."""

    def __init__(self, reason: str, **details: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


def is_loopback(url: str) -> bool:
    """True for ourselves, where no proxy is on the way."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def cut(text: str, limit_bytes: int) -> str:
    return text.encode()[:limit_bytes].decode(errors="ignore")
