"""The product's settings for a test: the real loader, fixed keys, a folder of its own."""

import base64
from pathlib import Path
from typing import Any

from werkzeug.security import generate_password_hash

from config import load_settings

NO_PASSWORD = generate_password_hash("", "pbkdf2:sha256:1")

KEYS = {
    "SECRET_KEY": "s" * 40,
    "CLIENT_TOKEN_KEY": "t" * 40,
    "DATA_KEY": base64.urlsafe_b64encode(b"d" * 32).decode(),
    "INDEX_KEY": base64.urlsafe_b64encode(b"i" * 32).decode(),
}


def environment(folder: Path, url: str, **more: str) -> dict[str, str]:
    """The environment of a process that is to use this folder and database."""
    return {"DATA_DIR": str(folder), "DATABASE_URL": url, **KEYS, **more}


def settings_for(folder: Path, url: str, **more: Any) -> dict[str, Any]:
    """Settings inside the test's process: forms without a token, logins without a limit."""
    return {
        **load_settings(environment(folder, url)),
        "TESTING": True,
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "SERVER_NAME": None,
        # Compared with the password of somebody unknown: as cheap as the ones of add_staff().
        "AUTH_DB_FAKE_PASSWORD_HASH_CHECK": NO_PASSWORD,
        **more,
    }
