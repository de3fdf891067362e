"""Text messages. A template is a name of ours ("login"); each provider maps it to its own id."""

import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from flask_babel import lazy_gettext as _l

from app.domain.errors import OutsideError

if TYPE_CHECKING:
    from app.gateways.tencent_sms import TencentClient

logger = logging.getLogger(__name__)

# Of the provider's refusals, those that pass by themselves or after somebody topped up.
_TEMPORARY = (
    "ClientNetworkError",
    "ServerNetworkError",
    "InternalError",
    "LimitExceeded",
    "RequestLimitExceeded",
    "FailedOperation.InsufficientBalanceInSmsPackage",
)


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

        Template "login" takes [code]. Raises SmsRefused or SmsUnavailable.
        """


@dataclass(frozen=True)
class TencentSmsSettings:
    """endpoint None is the real host; "http://127.0.0.1:8001" is the local gateway.

    templates: our name -> the provider's template id.
    """

    secret_id: str
    secret_key: str
    app_id: str
    sign_name: str
    templates: Mapping[str, str]
    endpoint: str | None = None
    timeout_seconds: float = 10


class TencentSms:
    """Tencent Cloud SMS. `load` is called at the first message, so that building it is free."""

    def __init__(
        self, load: Callable[[], TencentSmsSettings], clock: Callable[[], datetime]
    ) -> None:
        self._load = load
        self._clock = clock

    @cached_property
    def _client(self) -> "TencentClient":
        # Imported here: the SDK takes 0.3 s to import.
        from app.gateways.tencent_sms import TencentClient

        return TencentClient(self._load(), self._clock)

    def send(self, phone: str, template: str, params: Sequence[str]) -> str:
        template_id = self._client.settings.templates.get(template)
        if template_id is None:
            raise _failure(f"UnknownTemplate.{template}")
        code, message_id = self._client.send_one(e164(phone), template_id, list(params))
        if code != "Ok":
            raise _failure(code)
        return message_id


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
        message = SentSms(secrets.token_hex(8), e164(phone), template, tuple(params))
        self.sent.append(message)
        logger.warning("SMS not sent (no provider configured): %s", message)
        return message.message_id


def e164(phone: str) -> str:
    return phone if phone.startswith("+") else f"+86{phone}"


def _failure(code: str) -> SmsRefused | SmsUnavailable:
    if code.startswith(_TEMPORARY):
        return SmsUnavailable(_l("Text messages cannot be sent just now."), gateway_code=code)
    return SmsRefused(_l("The text message was refused."), gateway_code=code)
