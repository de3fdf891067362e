"""HTTP clients that are already signed in."""

from typing import Any

import sqlalchemy as sa
from flask import current_app, session
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import Role, User
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import CustomerAccount, StaffProfile, Worker
from app.services.identity import tokens
from app.services.transactions import transaction
from app.views.base_security import begin_session

PASSWORD = "a-long-enough-password"
PASSWORD_HASH = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")


class Client(FlaskClient):
    """A client whose requests have application contexts, sessions and `g` of their own.

    The test's context stays open meanwhile. Its session must not hold a savepoint below the
    request's: rolling that back later would undo what the request saved.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        _let_go()
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        db.session.expire_all()
        return response


def _let_go() -> None:
    session = db.session()
    changed = [*session.new, *session.deleted, *filter(session.is_modified, session.dirty)]
    assert not changed, f"Save this before the request, with transaction(): {changed!r}"
    session.rollback()


def add_staff(role: str | None, username: str | None = None, **profile: Any) -> User:
    """A staff member who holds exactly this role; PASSWORD is the password."""
    name = username or f"staff-{role}-{_count(User)}"
    with transaction() as saving:
        roles = [saving.scalars(sa.select(Role).filter_by(name=role)).one()] if role else []
        user = User(
            first_name=name,
            last_name="Test",
            username=name,
            email=f"{name}@example.com",
            active=True,
            password=PASSWORD_HASH,
            roles=roles,
        )
        saving.add(user)
        saving.flush()
        saving.add(StaffProfile(user_id=user.id, **profile))
    return user


def sign_in(user: User) -> FlaskClient:
    """A client with the session that the login page gives; what it takes to get one is not asked.

    tests/identity/test_staff_login.py tries the page itself.
    """
    client = current_app.test_client()
    with current_app.test_request_context("/login/", environ_base=client.environ_base):
        begin_session(db.session.get_one(User, user.id))
        given = dict(session)
    db.session.rollback()
    with client.session_transaction() as kept:
        kept.update(given)
    return client


def by_token(user: User) -> FlaskClient:
    """A client with the staff member's token, as programs have one."""
    body = {"username": user.username, "password": PASSWORD, "provider": "db"}
    answer: Any = current_app.test_client().post("/api/v1/security/login", json=body)
    return with_token(answer.json["access_token"])


def customer_token(account: CustomerAccount) -> str:
    with transaction():
        return tokens.issue("customer", account.id, account.token_version).access


def worker_token(worker: Worker) -> str:
    with transaction():
        return tokens.issue("worker", worker.account_id, worker.account.token_version).access


def with_token(token: str) -> FlaskClient:
    client = current_app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def _count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
