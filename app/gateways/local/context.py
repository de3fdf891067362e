"""What the parts of the local gateway share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from flask import current_app

from app.gateways.local.faults import Faults
from app.gateways.local.keys import LocalKeys
from app.gateways.local.store import Store

if TYPE_CHECKING:
    from app.gateways.local.alipay_keys import AlipayKeys
    from app.gateways.local.notices import Notifier

_BEIJING = timezone(timedelta(hours=8))
MAX_AGE_SECONDS = 300


@dataclass
class Gateway:
    """`clock` gives aware UTC. A clock with refresh() is asked again before a call is refused."""

    keys: LocalKeys
    alipay: "AlipayKeys"
    store: Store
    faults: Faults
    clock: Callable[[], datetime]
    notifier: "Notifier"
    visitors: set[str] = field(default_factory=set)  # codes that were given out and not used

    def now(self) -> int:
        return int(self.clock().timestamp())

    def is_fresh(self, timestamp: str) -> bool:
        if not (timestamp.isascii() and timestamp.isdigit()):
            return False
        if abs(self.now() - int(timestamp)) <= MAX_AGE_SECONDS:
            return True
        # The demo's clock may have jumped since it was last read.
        getattr(self.clock, "refresh", lambda: None)()
        return abs(self.now() - int(timestamp)) <= MAX_AGE_SECONDS

    def close(self) -> None:
        """Stop sending and let go of the state."""
        self.notifier.stop()
        self.store.close()


class ApiError(Exception):
    """A refusal in WeChat Pay's own shape."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def gateway() -> Gateway:
    found: Gateway = current_app.extensions["local_gateway"]
    return found


def wire_time(seconds: int) -> str:
    """As the providers write instants: 2015-05-20T13:29:35+08:00."""
    return datetime.fromtimestamp(seconds, _BEIJING).isoformat()


def text_field(data: dict[str, Any], name: str, longest: int) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise ApiError(400, "PARAM_ERROR", f"参数错误: {name}")
    return value


def url_field(data: dict[str, Any], name: str) -> str:
    value = text_field(data, name, 255)
    if not value.startswith(("http://", "https://")) or "?" in value:
        raise ApiError(400, "PARAM_ERROR", f"参数错误: {name}")
    return value


def fen_field(data: Any, name: str) -> int:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ApiError(400, "PARAM_ERROR", f"参数错误: {name}")
    return value
