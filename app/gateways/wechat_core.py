"""wechatpayv3 with its faults mended. Loaded at the first payment only: it is slow to import.

Mended here: the clock is ours, every answer's signature and age are checked (the library
checks 2xx only and accepts any age), an unknown key is refused without asking the network, every
call has a time-out, and a call without a believable answer is an OutcomeUnknown.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from flask_babel import lazy_gettext as _l
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import aes_decrypt, rsa_sign, rsa_verify

from app.domain.scenes import Scene
from app.gateways.payment import OutcomeUnknown
from app.gateways.trust import NotTrusted, is_loopback
from app.gateways.wechat_settings import WechatSettings

ALGORITHM = "WECHATPAY2-SHA256-RSA2048"
MAX_AGE_SECONDS = 300
SIGNED_HEADERS = (
    "wechatpay-timestamp",
    "wechatpay-nonce",
    "wechatpay-serial",
    "wechatpay-signature",
)
_PAY_TYPES: dict[Scene, WeChatPayType] = {
    "client": WeChatPayType.JSAPI,
    "qr": WeChatPayType.NATIVE,
    "h5": WeChatPayType.H5,
}


class WechatCore(Core):
    """The library's Core; only request() and what verifies messages are replaced."""

    def __init__(self, settings: WechatSettings, clock: Callable[[], datetime]) -> None:
        super().__init__(
            mchid=settings.merchant_id,
            cert_serial_no=settings.merchant_serial,
            private_key=Path(settings.merchant_key_file).read_text(),
            apiv3_key=settings.api_v3_key,
            timeout=settings.timeout_seconds,
            public_key=Path(settings.public_key_file).read_text(),
            public_key_id=settings.public_key_id,
        )
        if settings.gateway_url:
            self._gate_way = settings.gateway_url.rstrip("/")
        self._clock = clock

    def request(
        self,
        path: str,
        method: RequestType = RequestType.GET,
        data: dict[str, Any] | None = None,
        **_library_options: Any,
    ) -> tuple[int, str]:
        """Send a signed call; return the status and text of a signed answer.

        Raises OutcomeUnknown when no answer came or it cannot be believed.
        """
        body = json.dumps({k: v for k, v in data.items() if v is not None}) if data else ""
        answer = self._send(method.value, path, body)
        try:
            text = answer.content.decode()
            self.verify(answer.headers, text)
        except (NotTrusted, UnicodeDecodeError) as exc:
            reason = exc.reason if isinstance(exc, NotTrusted) else "bad_body"
            raise _no_answer(path, reason, status=answer.status_code) from exc
        return answer.status_code, text

    def verify(self, headers: Mapping[str, str], body: str) -> None:
        """Raises NotTrusted unless WeChat Pay signed this within the last five minutes."""
        found = {name.lower(): value for name, value in headers.items()}
        missing = [name for name in SIGNED_HEADERS if not found.get(name)]
        if missing:
            raise NotTrusted("missing_header", headers=missing)
        timestamp, nonce, serial, signature = (found[name] for name in SIGNED_HEADERS)
        algorithm = found.get("wechatpay-signature-type", ALGORITHM)
        if serial != self._public_key_id or algorithm != ALGORITHM:
            raise NotTrusted("unknown_key", serial=serial, algorithm=algorithm)
        if not rsa_verify(timestamp, nonce, body, signature, self._public_key):
            raise NotTrusted("bad_signature")
        self._check_age(timestamp)

    def open_notice(
        self, headers: Mapping[str, str], body: bytes
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The envelope and the decrypted message. Raises NotTrusted."""
        try:
            text = body.decode()
        except UnicodeDecodeError as exc:
            raise NotTrusted("bad_body") from exc
        self.verify(headers, text)
        try:
            event = json.loads(text)
            return event, json.loads(self._decrypted(event["resource"]))
        except (KeyError, TypeError, ValueError) as exc:
            raise NotTrusted("bad_body") from exc

    def authorization(self, method: str, path: str, body: str, timestamp: int, nonce: str) -> str:
        """The Authorization header of a call, as pay.weixin.qq.com/doc/v3/merchant/4012365336."""
        message = f"{method}\n{path}\n{timestamp}\n{nonce}\n{body}\n"
        signature = rsa_sign(self._private_key, message)
        return (
            f'{ALGORITHM} mchid="{self._mchid}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{timestamp}",serial_no="{self._cert_serial_no}"'
        )

    def timestamp(self) -> int:
        return int(self._clock().timestamp())

    def _decrypted(self, resource: dict[str, str]) -> str:
        if resource["algorithm"] != "AEAD_AES_256_GCM":
            raise NotTrusted("cannot_decrypt", algorithm=resource["algorithm"])
        text: str | None = aes_decrypt(
            nonce=resource["nonce"],
            ciphertext=resource["ciphertext"],
            associated_data=resource.get("associated_data") or "",
            apiv3_key=self._apiv3_key,
        )
        if text is None:
            raise NotTrusted("cannot_decrypt")
        return text

    def _check_age(self, timestamp: str) -> None:
        if not (timestamp.isascii() and timestamp.isdigit()):
            raise NotTrusted("stale", timestamp=timestamp)
        if abs(self.timestamp() - int(timestamp)) > MAX_AGE_SECONDS:
            raise NotTrusted("stale", timestamp=timestamp)

    def _send(self, method: str, path: str, body: str) -> requests.Response:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "wechatpayv3",
            "Wechatpay-Serial": self._public_key_id,
            "Authorization": self.authorization(
                method, path, body, self.timestamp(), secrets.token_hex(16).upper()
            ),
        }
        with requests.Session() as session:
            session.trust_env = not is_loopback(self._gate_way)  # no proxy on the way to ourselves
            try:
                return session.request(
                    method,
                    self._gate_way + path,
                    data=body.encode(),
                    headers=headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
            except requests.RequestException as exc:
                raise _no_answer(path, "no_answer", cause=type(exc).__name__) from exc


class WechatClient(WeChatPay):
    """The library's calls on our core."""

    def __init__(self, settings: WechatSettings, clock: Callable[[], datetime]) -> None:
        # The parent's __init__ would only build a second, unmended Core.
        self._type = WeChatPayType.JSAPI
        self._mchid = settings.merchant_id
        self._appid = settings.app_id
        self._notify_url = None
        self._partner_mode = False
        self._core = WechatCore(settings, clock)

    def pay_order(self, scene: Scene, **params: Any) -> tuple[int, str]:
        return self.pay(pay_type=_PAY_TYPES[scene], **params)

    @property
    def core(self) -> WechatCore:
        return self._core


def _no_answer(path: str, reason: str, **details: Any) -> OutcomeUnknown:
    message = _l("WeChat Pay gave no reliable answer. The result is not known yet.")
    return OutcomeUnknown(message, call=path.partition("?")[0], reason=reason, **details)
