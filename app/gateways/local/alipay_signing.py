"""Alipay's own side of its cryptography, written apart from the adapter's.

Sources: opendocs.alipay.com/common/02mse3 (what is signed), 02mse7 (answers and notices),
056zub (numbers of certificates).
"""

import base64
import hashlib
from collections.abc import Mapping

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

# The issuer's name is told from its most particular part to its country.
_NAME_PARTS = (
    ("CN", NameOID.COMMON_NAME),
    ("OU", NameOID.ORGANIZATIONAL_UNIT_NAME),
    ("O", NameOID.ORGANIZATION_NAME),
    ("C", NameOID.COUNTRY_NAME),
)


def request_is_signed(key: rsa.RSAPublicKey, parameters: Mapping[str, str]) -> bool:
    """By the application: every parameter but the signature itself, the empty ones left out."""
    names = sorted(name for name in parameters if name != "sign" and parameters[name] != "")
    text = "&".join("=".join((name, parameters[name])) for name in names)
    try:
        signature = base64.b64decode(parameters.get("sign", ""))
        key.verify(signature, text.encode("utf-8"), padding.PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def text_signature(key: rsa.RSAPrivateKey, text: str) -> str:
    """Of an answer's node, exactly as it is sent."""
    raw = key.sign(text.encode("utf-8"), padding.PKCS1v15(), SHA256())
    return base64.b64encode(raw).decode("ascii")


def notice_signature(key: rsa.RSAPrivateKey, fields: Mapping[str, str]) -> str:
    """Of all fields but `sign` and `sign_type`, the empty ones too."""
    pairs = [
        f"{name}={fields[name]}" for name in sorted(fields) if name not in {"sign", "sign_type"}
    ]
    return text_signature(key, "&".join(pairs))


def number_of(certificate: x509.Certificate) -> str:
    """The certificate's number as Alipay counts it."""
    parts = []
    for short, oid in _NAME_PARTS:
        values = certificate.issuer.get_attributes_for_oid(oid)
        parts += [f"{short}={value.value!s}" for value in values]
    told = ",".join(parts) + str(certificate.serial_number)
    return hashlib.md5(told.encode("utf-8"), usedforsecurity=False).hexdigest()
