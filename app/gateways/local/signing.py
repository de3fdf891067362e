"""The other side's cryptography: what WeChat Pay and Tencent Cloud do with our messages.

Sources: pay.weixin.qq.com/doc/v3/merchant/4012365342 (requests), 4013053249 (answers, notices),
4012071382 (encrypted notices); cloud.tencent.com/document/api/382/52072 (TC3-HMAC-SHA256).
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

WECHAT_ALGORITHM = "WECHATPAY2-SHA256-RSA2048"
_FIELD = re.compile(r'(\w+)="([^"]*)"')
_TC3 = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/(\w+)/tc3_request, ?"
    r"SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})"
)


@dataclass(frozen=True)
class Authorization:
    """What a merchant's Authorization header claims."""

    mchid: str
    serial_no: str
    nonce_str: str
    timestamp: str
    signature: str

    @classmethod
    def parse(cls, header: str) -> "Authorization | None":
        scheme, _, rest = header.partition(" ")
        fields = dict(_FIELD.findall(rest))
        if scheme != WECHAT_ALGORITHM or fields.keys() != cls.__dataclass_fields__.keys():
            return None
        return cls(**fields)

    def signed_by(self, key: RSAPublicKey, method: str, url: str, body: bytes) -> bool:
        lines = f"{method}\n{url}\n{self.timestamp}\n{self.nonce_str}\n".encode()
        return rsa_verify(key, lines + body + b"\n", self.signature)


def rsa_verify(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature), message, PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_headers(key: RSAPrivateKey, key_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of an answer or a notice."""
    nonce = secrets.token_hex(16)
    message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    signature = key.sign(message, PKCS1v15(), hashes.SHA256())
    return {
        "Wechatpay-Timestamp": str(timestamp),
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": key_id,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Signature-Type": WECHAT_ALGORITHM,
    }


def encrypted(api_v3_key: str, plain: bytes, associated: str) -> dict[str, str]:
    """The cipher fields of a notice's `resource`."""
    nonce = secrets.token_hex(6)
    sealed = AESGCM(api_v3_key.encode()).encrypt(nonce.encode(), plain, associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(sealed).decode(),
        "nonce": nonce,
        "associated_data": associated,
    }


def decrypted_name(key: RSAPrivateKey, cipher: str) -> str:
    """A field the merchant encrypted with our public key. Raises ValueError."""
    # SHA-1 is what the protocol prescribes inside OAEP; nothing here depends on collisions.
    padding = OAEP(MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
    return key.decrypt(base64.b64decode(cipher), padding).decode()


@dataclass(frozen=True)
class Tc3:
    """What a Tencent Cloud Authorization header claims."""

    secret_id: str
    date: str
    service: str
    signed_headers: str
    signature: str

    @classmethod
    def parse(cls, header: str) -> "Tc3 | None":
        found = _TC3.fullmatch(header)
        return cls(*found.groups()) if found else None

    def signed_with(
        self, secret_key: str, method: str, headers: Mapping[str, str], body: bytes
    ) -> bool:
        expected = tc3_signature(self, secret_key, method, headers, body)
        return hmac.compare_digest(expected, self.signature)


def tc3_signature(
    claim: Tc3, secret_key: str, method: str, headers: Mapping[str, str], body: bytes
) -> str:
    """Signature of a request to "/" without a query."""
    names = claim.signed_headers.split(";")
    canonical_headers = "".join(f"{n}:{_canonical(n, headers.get(n, ''))}\n" for n in names)
    request = f"{method}\n/\n\n{canonical_headers}\n{claim.signed_headers}\n{_sha256(body)}"
    timestamp = headers.get("x-tc-timestamp", "")
    scope = f"{claim.date}/{claim.service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{_sha256(request.encode())}"
    key = ("TC3" + secret_key).encode()
    for part in (claim.date, claim.service, "tc3_request"):
        key = _hmac(key, part)
    return _hmac(key, to_sign).hex()


def _canonical(name: str, value: str) -> str:
    return value.strip().lower() if name != "content-type" else value.strip()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
