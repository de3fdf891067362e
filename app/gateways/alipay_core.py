"""Alipay's open platform in certificate mode: signed calls, believed answers and notices.

Sources: opendocs.alipay.com/common/02mse3 (signing calls), 02mse7 (verifying answers and
notices), 056zub (certificates). Loaded at the first use: the cryptography takes its time.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificate
from flask_babel import lazy_gettext as _l

from app.gateways.alipay_settings import BEIJING, AlipaySettings
from app.gateways.payment import OutcomeUnknown
from app.gateways.trust import NotTrusted, is_loopback

MAX_AGE_SECONDS = 300
_RSA_SIGNATURES = "1.2.840.113549.1.1."  # of the root certificates only these are named
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_BLANK = " \t\r\n"


class AlipayCore:
    """Reads its key and certificates from the files that the settings name."""

    def __init__(self, settings: AlipaySettings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        self._key = private_key(settings.app_key_file.read_bytes())
        alipay = load_pem_x509_certificate(settings.alipay_cert_file.read_bytes())
        self._alipay_key = _public_key(alipay)
        self._alipay_cert_sn = certificate_number(alipay)
        app = load_pem_x509_certificate(settings.app_cert_file.read_bytes())
        self._app_cert_sn = certificate_number(app)
        self._root_cert_sn = root_number(settings.root_cert_file.read_bytes())

    def signed(self, method: str, content: Mapping[str, Any], **more: str) -> dict[str, str]:
        """The parameters of a call, signed."""
        now = self._clock().astimezone(BEIJING)
        parameters = {
            "app_id": self._settings.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": now.strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "app_cert_sn": self._app_cert_sn,
            "alipay_root_cert_sn": self._root_cert_sn,
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            **more,
        }
        return parameters | {"sign": sign(self._key, signing_text(parameters))}

    def page_url(self, method: str, content: Mapping[str, Any], **more: str) -> str:
        """Where the customer's browser goes. Alipay hears of it when it does."""
        return f"{self._settings.url}?{urlencode(self.signed(method, content, **more))}"

    def order_text(self, method: str, content: Mapping[str, Any], **more: str) -> str:
        """What the customer's app hands to Alipay's app."""
        return urlencode(self.signed(method, content, **more))

    def call(self, method: str, content: Mapping[str, Any], **more: str) -> dict[str, Any]:
        """Send it and return the signed answer's node, whatever its code says.

        Raises OutcomeUnknown when no answer came or it cannot be believed.
        """
        answer = self._send(self.signed(method, content, **more), method)
        try:
            if answer.status_code != 200:
                raise NotTrusted("server_error", status=answer.status_code)
            return self.believed(answer.content.decode(), method)
        except (NotTrusted, ValueError) as exc:
            reason = exc.reason if isinstance(exc, NotTrusted) else "bad_body"
            raise _no_answer(method, reason, status=answer.status_code) from exc

    def believed(self, text: str, method: str) -> dict[str, Any]:
        """The node of an answer, its signature checked over the very characters that came.

        Raises NotTrusted, ValueError.
        """
        members = dict(_members(text))
        node = members.get(f"{method.replace('.', '_')}_response")
        signature, number = members.get("sign"), members.get("alipay_cert_sn")
        if node is None or signature is None:
            raise NotTrusted("missing_header")
        if number is None or json.loads(number) != self._alipay_cert_sn:
            raise NotTrusted("unknown_key", number=number)
        self._verify(node, str(json.loads(signature)))
        found = json.loads(node)
        if not isinstance(found, dict):
            raise NotTrusted("bad_body")
        return found

    def open_notice(self, body: bytes) -> dict[str, str]:
        """The fields of a notice that Alipay signed just now. Raises NotTrusted, ValueError."""
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise NotTrusted("bad_body")
        missing = [name for name in ("sign", "sign_type", "notify_time") if not fields.get(name)]
        if missing:
            raise NotTrusted("missing_header", headers=missing)
        if fields["sign_type"] != "RSA2" or fields.get("alipay_cert_sn", self._alipay_cert_sn) != (
            self._alipay_cert_sn
        ):
            raise NotTrusted("unknown_key")
        signed = {k: v for k, v in fields.items() if k not in ("sign", "sign_type")}
        self._verify(notice_text(signed), fields["sign"])
        self._check_age(fields["notify_time"])
        return fields

    def _verify(self, text: str, signature: str) -> None:
        try:
            known = base64.b64decode(signature, validate=True)
            self._alipay_key.verify(known, text.encode(), PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError) as exc:
            raise NotTrusted("bad_signature") from exc

    def _check_age(self, told: str) -> None:
        try:
            told_at = datetime.strptime(told, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        except ValueError as exc:
            raise NotTrusted("stale", notify_time=told) from exc
        if abs((self._clock() - told_at).total_seconds()) > MAX_AGE_SECONDS:
            raise NotTrusted("stale", notify_time=told)

    def _send(self, parameters: dict[str, str], method: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = not is_loopback(self._settings.url)
            try:
                return session.post(
                    self._settings.url,
                    params={"charset": "utf-8"},
                    data=parameters,
                    timeout=self._settings.timeout_seconds,
                    allow_redirects=False,
                )
            except requests.RequestException as exc:
                raise _no_answer(method, "no_answer", cause=type(exc).__name__) from exc


def signing_text(parameters: Mapping[str, str]) -> str:
    """What is signed of a call: every parameter that says something, by name."""
    return "&".join(f"{k}={v}" for k, v in sorted(parameters.items()) if v and k != "sign")


def notice_text(fields: Mapping[str, str]) -> str:
    """What is signed of a notice: every field, also an empty one."""
    return "&".join(f"{k}={v}" for k, v in sorted(fields.items()))


def sign(key: RSAPrivateKey, text: str) -> str:
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()


def private_key(pem: bytes) -> RSAPrivateKey:
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("The application's key is not an RSA key")
    return key


def certificate_number(certificate: Certificate) -> str:
    """Alipay's own: MD5 of the issuer's name, most particular part first, and the serial number."""
    text = certificate.issuer.rfc4514_string() + str(certificate.serial_number)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def root_number(pem: bytes) -> str:
    """The numbers of the RSA certificates of the root file, which holds others too."""
    found = []
    for block in _CERTIFICATE.findall(pem):
        try:
            certificate = load_pem_x509_certificate(block)
        except ValueError:
            continue  # one of Alipay's own is of a kind that no general library reads
        if certificate.signature_algorithm_oid.dotted_string.startswith(_RSA_SIGNATURES):
            found.append(certificate_number(certificate))
    if not found:
        raise ValueError("The root file holds no RSA certificate")
    return "_".join(found)


def _public_key(certificate: Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("Alipay's certificate holds no RSA key")
    return key


def _members(text: str) -> Iterator[tuple[str, str]]:
    """The members of a JSON object as the characters they came in. Raises ValueError."""
    decoder, at = json.JSONDecoder(), _skip(text, 0, "{")
    while True:
        name, at = decoder.raw_decode(text, at)
        start = _skip(text, at, ":")
        _, at = decoder.raw_decode(text, start)
        yield str(name), text[start:at]
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            return
        at = _skip(text, at, ",")


def _skip(text: str, at: int, mark: str = "") -> int:
    """Past blanks and, if there is to be one, the mark."""
    while text[at : at + 1] in tuple(_BLANK):
        at += 1
    if mark and text[at : at + 1] != mark:
        raise ValueError(f"{mark} is missing")
    return _skip(text, at + 1) if mark else at


def _no_answer(method: str, reason: str, **details: Any) -> OutcomeUnknown:
    message = _l("Alipay gave no reliable answer. The result is not known yet.")
    return OutcomeUnknown(message, call=method, reason=reason, **details)
