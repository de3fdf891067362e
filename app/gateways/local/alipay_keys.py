"""Alipay's keys and certificates, and those of the one application that it knows here."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from app.gateways.local.alipay_signing import number_of
from app.gateways.local.keys import ensure_facts, private_pem, read_key, write_private

_FACTS = "alipay.json"
_FROM, _FOR = datetime(2020, 1, 1, tzinfo=UTC), timedelta(days=365 * 40)


@dataclass(frozen=True)
class AlipayKeys:
    """Everything both sides need. The application's side only gets what settings() names."""

    folder: Path
    app_id: str
    seller_id: str

    @cached_property
    def alipay_key(self) -> RSAPrivateKey:
        return read_key(self.folder / "alipay_key.pem")

    @cached_property
    def app_public_key(self) -> RSAPublicKey:
        return read_key(self.folder / "app_key.pem").public_key()

    @cached_property
    def alipay_number(self) -> str:
        return number_of(self._certificate("alipay_cert.pem"))

    @cached_property
    def app_number(self) -> str:
        return number_of(self._certificate("app_cert.pem"))

    @cached_property
    def root_number(self) -> str:
        # The file also holds a root that no RSA key signed, as Alipay's own does.
        return number_of(self._certificate("root_cert.pem"))

    def settings(self, gateway_url: str) -> dict[str, Any]:
        """The settings of app.gateways.build_gateways that point at this gateway."""
        return {
            "ALIPAY_GATEWAY_URL": f"{gateway_url}/gateway.do",
            "ALIPAY_APP_ID": self.app_id,
            "ALIPAY_SELLER_ID": self.seller_id,
            "ALIPAY_APP_KEY_FILE": str(self.folder / "app_key.pem"),
            "ALIPAY_APP_CERT_FILE": str(self.folder / "app_cert.pem"),
            "ALIPAY_CERT_FILE": str(self.folder / "alipay_cert.pem"),
            "ALIPAY_ROOT_CERT_FILE": str(self.folder / "root_cert.pem"),
        }

    def _certificate(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.folder / name).read_bytes())


def ensure_alipay_keys(state_dir: Path) -> AlipayKeys:
    """The keys under state_dir/alipay_keys, made now if they are not there."""
    folder = Path(state_dir) / "alipay_keys"
    return AlipayKeys(folder=folder, **ensure_facts(folder / _FACTS, _write_all))


def _write_all(folder: Path) -> None:
    root, alipay, app = (generate_private_key(65537, 2048) for _ in range(3))
    other_root = ec_key(SECP256R1())
    root_name = _name("Local Root R1")

    def certificate(public: Any, subject: x509.Name, issuer: x509.Name, signer: Any) -> bytes:
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_FROM)
            .not_valid_after(_FROM + _FOR)
            .sign(signer, SHA256())
        )
        return built.public_bytes(Encoding.PEM)

    roots = certificate(root.public_key(), root_name, root_name, root)
    other = _name("Local Root E1")
    roots += certificate(other_root.public_key(), other, other, other_root)
    _write_pair(folder, "alipay", alipay, lambda: certificate(
        alipay.public_key(), _name("Local Alipay"), root_name, root))  # fmt: skip
    _write_pair(folder, "app", app, lambda: certificate(
        app.public_key(), _name("Local Application"), root_name, root))  # fmt: skip
    write_private(folder / "root_cert.pem", roots)
    write_private(folder / _FACTS, json.dumps(_facts(), indent=1).encode())


def _write_pair(folder: Path, name: str, key: RSAPrivateKey, make: Callable[[], bytes]) -> None:
    write_private(folder / f"{name}_key.pem", private_pem(key))
    write_private(folder / f"{name}_cert.pem", make())


def _name(common: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "Local Gateway"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Demo"),
        (NameOID.COMMON_NAME, common),
    )
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _facts() -> dict[str, str]:
    return {
        "app_id": "2021" + str(secrets.randbelow(10**12)).zfill(12),
        "seller_id": "2088" + str(secrets.randbelow(10**12)).zfill(12),
    }
