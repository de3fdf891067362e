"""Settings, read once from the environment. A bad value stops the start with one sentence."""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

BASE_DIR = Path(__file__).resolve().parent
KEY_NAMES = ("SECRET_KEY", "CLIENT_TOKEN_KEY", "DATA_KEY", "INDEX_KEY")


class ConfigError(click.ClickException):
    """The environment holds a value that the product cannot start with."""

    exit_code = 2

    def __str__(self) -> str:
        return self.message


def load_settings(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return Flask's configuration.

    Raises ConfigError with a sentence that names the variable and what it should be.
    """
    env = os.environ if environ is None else environ
    data_dir = _data_dir(env)
    demo = _flag(env, "DEMO")
    database_url = _database_url(env, data_dir)
    port = _port(env, "PORT", 8080)
    host = env.get("HOST") or "127.0.0.1"
    public_url = _public_url(env, f"http://{_browsable(host)}:{port}")
    gateway_port = _port(env, "LOCAL_GATEWAY_PORT", port + 1 if port < 65535 else port - 1)
    embedded_keys = database_url.startswith("sqlite") or demo
    return {
        **_fixed(),
        **_keys(env, data_dir, generate=embedded_keys),
        **_outside(env),
        "DATA_DIR": str(data_dir),
        "DEMO": demo,
        "HOST": host,
        "PORT": port,
        "PUBLIC_URL": public_url,
        "SQLALCHEMY_DATABASE_URI": database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(env, database_url),
        "REDIS_URL": _redis_url(env),
        "RATELIMIT_STORAGE_URI": _limits_url(_redis_url(env)),
        "CITY_TIMEZONE": _timezone(env),
        "LOCAL_GATEWAY_URL": f"http://127.0.0.1:{gateway_port}" if demo else None,
        "LOCAL_GATEWAY_PORT": gateway_port,
        "STORAGE_DIR": env.get("STORAGE_DIR") or str(data_dir / "files"),
        "SESSION_COOKIE_SECURE": public_url.startswith("https://"),
        "REMEMBER_COOKIE_SECURE": public_url.startswith("https://"),
        "TRUSTED_PROXIES": _count(env, "TRUSTED_PROXIES", 0),
    }


def _fixed() -> dict[str, Any]:
    return {
        "APP_NAME": "到家 Back Office",
        "BABEL_DEFAULT_LOCALE": "zh",
        # Relative paths would resolve against app/, not the repository root.
        "BABEL_TRANSLATION_DIRECTORIES": str(BASE_DIR / "translations"),
        "LANGUAGES": {
            "zh": {"flag": "cn", "name": "中文"},
            "en": {"flag": "gb", "name": "English"},
        },
        "SQLALCHEMY_TRACK_MODIFICATIONS": False,
        "MAX_CONTENT_LENGTH": 32 * 1024 * 1024,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_ENABLED": True,
        "AUTH_RATE_LIMITED": True,
        "AUTH_RATE_LIMIT": "10 per 1 minute",
        "FAB_UPDATE_PERMS": False,
        "FAB_CREATE_DB": False,
        "FAB_SECURITY_MANAGER_CLASS": "app.fab_security.StaffSecurityManager",
        "FAB_INDEX_VIEW": "app.views.home.HomeView",
        "FAB_BASE_TEMPLATE": "appbuilder/base.html",
        "FAB_ADD_SECURITY_PERMISSION_VIEW": False,
        "FAB_ADD_SECURITY_VIEW_MENU_VIEW": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW": False,
        "FAB_ADD_SECURITY_API": False,
        "FAB_ADD_OPENAPI_VIEWS": False,
        "FAB_API_SWAGGER_UI": False,
    }


def _data_dir(env: Mapping[str, str]) -> Path:
    path = Path(env.get("DATA_DIR") or BASE_DIR / "var").resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".write-{os.getpid()}-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as exc:
        raise ConfigError(f"DATA_DIR {path} cannot be written: {exc.strerror}.") from exc
    return path


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'app.db'}"
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            url = "postgresql+psycopg://" + url.removeprefix(plain)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        scheme = url.split(":", 1)[0]
        raise ConfigError(
            f"DATABASE_URL starts with {scheme!r}; it must be sqlite:///… or postgresql://…."
        )
    try:
        make_url(url)
    except (ArgumentError, ValueError) as exc:
        # Without the value: it may hold a password.
        raise ConfigError(
            "DATABASE_URL is no address of a database; "
            "write postgresql://user:password@host:port/name with a number as the port."
        ) from exc
    return url


def _public_url(env: Mapping[str, str], default: str) -> str:
    url = env.get("PUBLIC_URL") or default
    parts = urlsplit(url) if _has_good_port(url) else None
    if not parts or parts.scheme not in {"http", "https"} or not parts.hostname or " " in url:
        raise ConfigError(
            f"PUBLIC_URL is {url!r}; it must be an address such as https://office.example.com."
        )
    return url.rstrip("/")


def _has_good_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _engine_options(env: Mapping[str, str], url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        # As many connections as there are threads: those who wait for the one writer each keep
        # one, and he may need another, which would then never come.
        connect = {"timeout": 5, "check_same_thread": False}
        return {"connect_args": connect, "pool_size": 20, "max_overflow": -1}
    return {
        "pool_size": _count(env, "DB_POOL_SIZE", 20),
        "max_overflow": _count(env, "DB_POOL_OVERFLOW", 20),
        "connect_args": {"connect_timeout": 10},
    }


def _redis_url(env: Mapping[str, str]) -> str | None:
    url = env.get("REDIS_URL") or None
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("REDIS_URL must start with redis://, rediss:// or unix://.")
    if url and not _has_good_port(url):
        raise ConfigError("REDIS_URL has a port that is no number; write redis://host:6379/0.")
    return url


def _limits_url(redis_url: str | None) -> str:
    """The same server in the words of the rate limiter."""
    if redis_url is None:
        return "memory://"
    return f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    value = _count(env, name, default)
    if not 1 <= value <= 65535:
        raise ConfigError(f"{name} is {value}; a port is a number from 1 to 65535.")
    return value


def _count(env: Mapping[str, str], name: str, default: int) -> int:
    raw = env.get(name) or str(default)
    if not raw.isascii() or not raw.isdigit():
        raise ConfigError(f"{name} is {raw!r}; it must be a whole number.")
    return int(raw)


def _flag(env: Mapping[str, str], name: str) -> bool:
    raw = (env.get(name) or "0").lower()
    if raw not in {"0", "1", "true", "false"}:
        raise ConfigError(f"{name} is {raw!r}; it must be 0 or 1.")
    return raw in {"1", "true"}


def _timezone(env: Mapping[str, str]) -> str:
    name = env.get("CITY_TIMEZONE") or "Asia/Shanghai"
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:
        raise ConfigError(f"CITY_TIMEZONE {name!r} is not a known time zone.") from exc
    return name


def _browsable(host: str) -> str:
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104  # a listening address has no URL of its own
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _outside(env: Mapping[str, str]) -> dict[str, str]:
    """Settings of gateways; what is missing is filled in by app.gateways for the demo."""
    return {k: v for k, v in env.items() if k.startswith(("WECHAT_", "ALIPAY_", "SMS_")) and v}


def _keys(env: Mapping[str, str], data_dir: Path, *, generate: bool) -> dict[str, Any]:
    raw = {name: env.get(name) or _stored_key(data_dir, name, generate) for name in KEY_NAMES}
    for name in ("SECRET_KEY", "CLIENT_TOKEN_KEY"):
        if len(raw[name]) < 32:
            raise ConfigError(f"{name} is too short; use at least 32 characters.")
    if len(set(raw.values())) != len(raw):
        raise ConfigError("SECRET_KEY, CLIENT_TOKEN_KEY, DATA_KEY and INDEX_KEY must all differ.")
    return {
        "SECRET_KEY": raw["SECRET_KEY"],
        "CLIENT_TOKEN_KEY": raw["CLIENT_TOKEN_KEY"],
        "DATA_KEY": _decoded(raw, "DATA_KEY"),
        "INDEX_KEY": _decoded(raw, "INDEX_KEY"),
    }


def _stored_key(data_dir: Path, name: str, generate: bool) -> str:
    path = data_dir / "keys" / name.lower()
    if not path.exists():
        if not generate:
            raise ConfigError(
                f"{name} is not set. Make one with `.venv/bin/python config.py`, and keep it."
            )
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _write_once(path, new_key())
    return path.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    """Write a private file whole, or leave the one that another process wrote first."""
    draft = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def new_key() -> str:
    """Return 32 random bytes as text (URL-safe base64)."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _decoded(raw: Mapping[str, str], name: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(raw[name])
    except (binascii.Error, ValueError) as exc:
        raise ConfigError(f"{name} is not URL-safe base64.") from exc
    if len(key) != 32:
        raise ConfigError(f"{name} must be 32 bytes in URL-safe base64; it holds {len(key)}.")
    return key


if __name__ == "__main__":
    click.echo(new_key())
