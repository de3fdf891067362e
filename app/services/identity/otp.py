"""Log-in codes by text message: limited per phone, address, device and day."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Literal

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, TooManyRequests, Unauthorized
from app.domain.phones import is_demo_phone, normal_phone
from app.extensions import db
from app.models import CustomerAccount, OtpChallenge, Outbox, WorkerAccount
from app.models.crypto import blind_index, seal_text, unseal_text
from app.services import audit, clock
from app.services.system import outbox, parameters
from app.services.transactions import transaction

Realm = Literal["customer", "worker"]
TOPIC = "sms.login_code"
LOCK = 0x6F7470  # "otp", as the number of an advisory lock


def phone_index(phone: str) -> str:
    return blind_index("phone", phone)


def accepted_phone(raw: str) -> str:
    """Return the normal form. Raises InvalidInput for what is no mobile number here.

    The demo's numbers lie in a range that nobody owns; a real company refuses them.
    """
    phone = normal_phone(raw)
    demo = phone is not None and is_demo_phone(phone)
    if phone is None or (demo and not current_app.config["DEMO"]):
        raise InvalidInput(_l("This is not a mobile number"), code="phone_invalid", field="phone")
    return phone


def send_code(realm: Realm, raw_phone: str, *, address: str, device: str = "") -> int:
    """Send a code; returns the seconds that it is valid.

    The answer is the same for known and unknown phones. Raises InvalidInput or
    TooManyRequests.
    """
    phone = accepted_phone(raw_phone)
    index = phone_index(phone)
    seconds: int = parameters.get("security.code_seconds")
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction() as session:
        _lock()
        _check_limits(realm, index, address, device)
        _kill_earlier(realm, index)
        session.add(
            OtpChallenge(
                realm=realm,
                phone_index=index,
                code_hash=_hash(realm, index, code),
                address=address,
                device=device,
                expires_at=clock.now() + timedelta(seconds=seconds),
            )
        )
        outbox.put(TOPIC, sealed=seal_text(TOPIC, f"{phone} {code}"))
    return seconds


def check_code(realm: Realm, raw_phone: str, code: str) -> str:
    """Use up the phone's live code; returns the phone. Raises Unauthorized.

    A wrong try counts even though the request fails, so it is committed before the error.
    """
    phone = accepted_phone(raw_phone)
    index = phone_index(phone)
    with transaction() as session:
        challenge = session.scalar(
            sa.select(OtpChallenge)
            .where(
                OtpChallenge.realm == realm,
                OtpChallenge.phone_index == index,
                OtpChallenge.used_at.is_(None),
                OtpChallenge.expires_at > clock.now(),
                OtpChallenge.tries < parameters.get("security.code_tries"),
            )
            .order_by(OtpChallenge.id.desc())
            .limit(1)
            .with_for_update()
        )
        good = challenge is not None and hmac.compare_digest(
            challenge.code_hash, _hash(realm, index, code)
        )
        if challenge is not None:
            challenge.tries += 1
            challenge.used_at = clock.now() if good else None
            if not good:
                log_in_failed(realm, index, "code_wrong")
    if not good:
        raise Unauthorized(_l("The code is wrong or has expired"), code="code_wrong")
    return phone


def log_in_failed(realm: Realm, index: str, why: str) -> None:
    """Into the audit log, with the account when the phone has one. Needs a transaction()."""
    account = CustomerAccount if realm == "customer" else WorkerAccount
    key = db.session.scalar(sa.select(account.id).filter_by(phone_index=index))
    entity = account.__tablename__
    audit.record("login_failed", entity, key or "?", {"why": why}, actor=Actor(realm))


@outbox.delivers(TOPIC)
def _deliver(message: Outbox) -> None:
    phone, code = unseal_text(TOPIC, message.payload["sealed"]).split(" ")
    current_app.extensions["gateways"].sms.send(phone, "login", [code])


def prune() -> int:
    """Delete codes older than a day; returns how many."""
    with transaction() as session:
        old = OtpChallenge.created_at < clock.now() - timedelta(days=1)
        return int(session.execute(sa.delete(OtpChallenge).where(old)).rowcount)  # type: ignore[attr-defined]


def _lock() -> None:
    """Count and insert as one, or parallel requests would all pass the same limit. SQLite has
    one writer anyhow.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))


def _check_limits(realm: Realm, index: str, address: str, device: str) -> None:
    now = clock.now()
    gap = timedelta(seconds=parameters.get("security.code_gap_seconds"))
    same_phone = OtpChallenge.phone_index == index
    limits = [
        ("code_too_soon", same_phone, gap, 1),
        ("phone_limit", same_phone, timedelta(days=1), parameters.get("security.codes_per_phone")),
        (
            "address_limit",
            OtpChallenge.address == address,
            timedelta(hours=1),
            parameters.get("security.codes_per_address"),
        ),
        ("budget", sa.true(), timedelta(days=1), parameters.get("security.codes_per_day")),
    ]
    if device:
        per_device = parameters.get("security.codes_per_device")
        limits.append(
            ("device_limit", OtpChallenge.device == device, timedelta(hours=1), per_device)
        )
    for code, condition, period, most in limits:
        since = OtpChallenge.created_at > now - period
        count = db.session.scalar(sa.select(sa.func.count(OtpChallenge.id)).where(condition, since))
        if (count or 0) >= most:
            raise TooManyRequests(
                _l("Too many codes were asked for. Please wait"),
                code=code,
                retry_after_seconds=int(period.total_seconds()),
            )


def _kill_earlier(realm: Realm, index: str) -> None:
    db.session.execute(
        sa.update(OtpChallenge)
        .where(
            OtpChallenge.realm == realm,
            OtpChallenge.phone_index == index,
            OtpChallenge.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )


def _hash(realm: str, index: str, code: str) -> str:
    key = current_app.config["INDEX_KEY"]
    return hmac.new(key, f"otp|{realm}|{index}|{code}".encode(), hashlib.sha256).hexdigest()
