"""Everybody who may knock: nobody, each role at home and elsewhere, customers, workers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.extensions import db
from app.models import Branch, Partner
from app.security import ROLES
from tests import factories
from tests.kit import clients
from tests.views import stage


@dataclass(frozen=True)
class Visitor:
    """`role` is a role's code, "nobody", "customer" or "worker"."""

    role: str
    home: bool
    client: Any
    bearer: Any
    keys: Mapping[str, Any]  # screen or resource -> a row of its table, at home

    def __str__(self) -> str:
        return self.role if self.home else f"{self.role} elsewhere"


def everybody() -> list[Visitor]:
    """Rows of all screens belong to one branch; each role is there and in another branch."""
    rows = stage.build()
    home = rows.company.branch.id
    clients.add_staff("hr", branch_id=home)
    keys = _newest()
    away = factories.save(Branch(code="away", name="Away", city_code="440300")).id
    agency = factories.save(Partner(branch_id=away, code="PX", name="Agency")).id
    found = [
        _staff(
            role, is_home, home if is_home else away, agency if role == "partner" else None, keys
        )
        for role in ROLES
        for is_home in (True, False)
    ]
    plain = current_app.test_client()
    customers = (rows.company.customer, factories.customer("别人"))
    workers = (rows.lead, factories.worker(rows.company, name="同事"))
    tokens = [("customer", clients.customer_token(one)) for one in customers]
    tokens += [("worker", clients.worker_token(one)) for one in workers]
    others = [
        Visitor(realm, True, client := clients.with_token(t), client, keys) for realm, t in tokens
    ]
    return [Visitor("nobody", True, plain, plain, keys), *found, *others]


def _newest() -> dict[str, Any]:
    """The newest row of each table, which nothing points at yet; nothing for empty ones."""
    views = (v for v in current_app.appbuilder.baseviews if getattr(v, "datamodel", None))
    newest = {v.endpoint: db.session.scalar(sa.select(sa.func.max(v.datamodel.key))) for v in views}
    return {name: key for name, key in newest.items() if key is not None}


def _staff(role: str, home: bool, branch_id: int, agency: int, keys: Mapping[str, Any]) -> Visitor:
    partner_id = agency if role == "partner" else None
    user = clients.add_staff(role, branch_id=branch_id, partner_id=partner_id)
    return Visitor(role, home, clients.sign_in(user), clients.by_token(user), keys)
