"""Keys of the local gateway and of the merchant it knows: made once, kept in a private folder."""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from app.gateways.local.templates import TEMPLATES

_FACTS = "local.json"


@dataclass(frozen=True)
class LocalKeys:
    """Everything both sides need. The merchant's side only gets what settings() names."""

    folder: Path
    merchant_id: str
    app_id: str
    merchant_serial: str
    public_key_id: str
    api_v3_key: str
    sms_secret_id: str
    sms_secret_key: str
    sms_app_id: str
    sms_sign_name: str

    @property
    def app_secret(self) -> str:
        """Of the official account; made of another secret, so that older folders have it too."""
        return hashlib.sha256(b"app_secret" + self.api_v3_key.encode()).hexdigest()[:32]

    @cached_property
    def platform_key(self) -> RSAPrivateKey:
        return read_key(self.folder / "platform_key.pem")

    @cached_property
    def merchant_public_key(self) -> RSAPublicKey:
        return read_key(self.folder / "merchant_key.pem").public_key()

    def settings(self, gateway_url: str) -> dict[str, Any]:
        """The settings of app.gateways.build_gateways that point at this gateway."""
        templates = {f"SMS_TEMPLATE_{t.name.upper()}": t.id for t in TEMPLATES.values()}
        return {
            "WECHAT_GATEWAY_URL": gateway_url,
            "WECHAT_MCH_ID": self.merchant_id,
            "WECHAT_APP_ID": self.app_id,
            "WECHAT_API_V3_KEY": self.api_v3_key,
            "WECHAT_MCH_SERIAL": self.merchant_serial,
            "WECHAT_MCH_KEY_FILE": str(self.folder / "merchant_key.pem"),
            "WECHAT_PUBLIC_KEY_FILE": str(self.folder / "platform_public.pem"),
            "WECHAT_PUBLIC_KEY_ID": self.public_key_id,
            "WECHAT_APP_SECRET": self.app_secret,
            "WECHAT_PAGE_URL": gateway_url,
            "WECHAT_API_URL": gateway_url,
            "SMS_ENDPOINT": gateway_url,
            "SMS_SECRET_ID": self.sms_secret_id,
            "SMS_SECRET_KEY": self.sms_secret_key,
            "SMS_APP_ID": self.sms_app_id,
            "SMS_SIGN_NAME": self.sms_sign_name,
            **templates,
        }


def ensure_keys(state_dir: Path) -> LocalKeys:
    """The keys under state_dir/keys, made now if they are not there."""
    folder = Path(state_dir) / "keys"
    return LocalKeys(folder=folder, **ensure_facts(folder / _FACTS, _write_all))


def ensure_facts(file: Path, write_all: Callable[[Path], None]) -> dict[str, str]:
    """What the file says; its folder is filled by `write_all` now if it is not there.

    Safe when two start at once: each makes a whole folder, only one can be renamed into place.
    """
    if not file.exists():
        _make(file, write_all)
    facts: dict[str, str] = json.loads(file.read_text())
    return facts


def _make(file: Path, write_all: Callable[[Path], None]) -> None:
    folder = file.parent
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".keys-", dir=folder.parent))  # 0700
    try:
        write_all(draft)
        draft.rename(folder)
    except OSError:
        if not file.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_all(folder: Path) -> None:
    merchant, platform = (generate_private_key(65537, 2048) for _ in range(2))
    write_private(folder / "merchant_key.pem", private_pem(merchant))
    write_private(folder / "platform_key.pem", private_pem(platform))
    public = platform.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write_private(folder / "platform_public.pem", public)
    write_private(folder / _FACTS, json.dumps(_facts(), ensure_ascii=False, indent=1).encode())


def _facts() -> dict[str, str]:
    return {
        "merchant_id": "1900000109",
        "app_id": "wx" + secrets.token_hex(8),
        "merchant_serial": secrets.token_hex(20).upper(),
        "public_key_id": "PUB_KEY_ID_" + str(secrets.randbelow(10**34)).zfill(34),
        "api_v3_key": secrets.token_hex(16),
        "sms_secret_id": "AKID" + secrets.token_hex(16),
        "sms_secret_key": secrets.token_hex(16),
        "sms_app_id": "1400000001",
        "sms_sign_name": "家政演示",
    }


def private_pem(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_private(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def read_key(path: Path) -> RSAPrivateKey:
    # Our own file; checking that its numbers are primes takes a tenth of a second.
    key = load_pem_private_key(
        path.read_bytes(), password=None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path} is not an RSA key")
    return key
