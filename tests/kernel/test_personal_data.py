"""Phones at rest: unreadable without the key, findable with it, never in the audit."""

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from app.extensions import db
from app.models import AuditLog, CustomerAccount
from app.models.crypto import Encrypted, blind_index, seal_text, unseal_text
from tests import factories


def test_a_phone_is_not_in_the_database_in_clear(app):
    account = factories.customer(phone="12810004321")

    raw = db.session.execute(sa.text("SELECT * FROM customer_account")).mappings().one()
    assert b"12810004321" not in bytes(raw["phone"])
    assert "12810004321" not in str(dict(raw))
    db.session.expire_all()
    assert account.phone == "12810004321"


def test_a_phone_is_found_by_its_blind_index(app):
    account = factories.customer(phone="12810004321")
    index = blind_index("phone", "12810004321")

    assert db.session.scalars(sa.select(CustomerAccount).filter_by(phone_index=index)).one() is (
        account
    )
    assert blind_index("phone_tail", "12810004321") != index


def test_a_value_cannot_be_moved_to_another_column(app):
    sealed = Encrypted("a.phone").process_bind_param("secret", None)

    with pytest.raises(InvalidTag):
        Encrypted("b.phone").process_result_value(sealed, None)


def test_the_same_value_never_looks_the_same(app):
    column = Encrypted("a.phone")

    assert column.process_bind_param("x", None) != column.process_bind_param("x", None)
    assert unseal_text("p", seal_text("p", "12810004321 123456")) == "12810004321 123456"


def test_the_audit_has_no_fingerprint_and_no_number_in_clear(app):
    factories.customer(phone="12810004321")

    rows = db.session.scalars(sa.select(AuditLog).filter_by(entity="customer_account")).all()
    assert rows[0].changes["phone_index"] == [None, "***"]
    assert "12810004321" not in str([row.changes for row in rows])
