"""Text messages. A template is a name of ours ("login"); each provider maps it to its own id."""

import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.errors import OutsideError

logger = logging.getLogger(__name__)


class SmsRefused(OutsideError):
    """Permanent: the same message will be refused again. details: gateway_code."""

    code = "sms_refused"


class SmsUnavailable(OutsideError):
    """Temporary: worth another try later. details: gateway_code; it may have been sent already."""

    code = "sms_unavailable"


class SmsGateway(Protocol):
    """Sends one message to one phone."""

    def send(self, phone: str, template: str, params: Sequence[str]) -> str:
        """Return the provider's message id. phone: E.164, or an 11-digit mainland number.

        Raises SmsRefused or SmsUnavailable.
        """


@dataclass(frozen=True)
class TencentSmsSettings:
    """endpoint None is the real host; "http://127.0.0.1:8001" is the local gateway."""

    secret_id: str
    secret_key: str
    app_id: str
    sign_name: str
    templates: Mapping[str, str]
    endpoint: str | None = None
    timeout_seconds: int = 10


class TencentSms:
    """Tencent Cloud SMS. `load` is called at the first message, so that building it is free."""

    def __init__(self, load: Callable[[], TencentSmsSettings], clock: Callable[[], datetime]) -> None:
        self._load = load
        self._clock = clock

    def send(self, phone: str, template: str, params: Sequence[str]) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class SentSms:
    message_id: str
    phone: str
    template: str
    params: tuple[str, ...]


class ConsoleSms:
    """For development: writes each message, codes included, to the log and keeps the last ones."""

    def __init__(self, keep: int = 100) -> None:
        self.sent: deque[SentSms] = deque(maxlen=keep)

    def send(self, phone: str, template: str, params: Sequence[str]) -> str:
        message = SentSms(secrets.token_hex(8), phone, template, tuple(params))
        self.sent.append(message)
        logger.warning("SMS not sent (no provider configured): %s", message)
        return message.message_id
