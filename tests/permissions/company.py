"""Everybody who may knock: nobody, each role at home and elsewhere, customers, workers."""

from dataclasses import dataclass
from typing import Any

from flask import current_app

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

    def __str__(self) -> str:
        return self.role if self.home else f"{self.role} elsewhere"


def everybody() -> list[Visitor]:
    """Rows of all screens belong to one branch; each role is there and in another branch."""
    rows = stage.build()
    home = rows.company.branch.id
    away = factories.save(Branch(code="away", name="Away", city_code="440300")).id
    agency = factories.save(Partner(branch_id=away, code="PX", name="Agency")).id
    found = [
        _staff(role, is_home, home if is_home else away, agency if role == "partner" else None)
        for role in ROLES
        for is_home in (True, False)
    ]
    plain = current_app.test_client()
    customers = (rows.company.customer, factories.customer("别人"))
    workers = (rows.lead, factories.worker(rows.company, name="同事"))
    tokens = [("customer", clients.customer_token(one)) for one in customers]
    tokens += [("worker", clients.worker_token(one)) for one in workers]
    others = [Visitor(realm, True, client := clients.with_token(t), client) for realm, t in tokens]
    return [Visitor("nobody", True, plain, plain), *found, *others]


def _staff(role: str, home: bool, branch_id: int, partner_id: int | None) -> Visitor:
    user = clients.add_staff(role, branch_id=branch_id, partner_id=partner_id)
    body = {"username": user.username, "password": clients.PASSWORD, "provider": "db"}
    answer = current_app.test_client().post("/api/v1/security/login", json=body)
    bearer = clients.with_token(answer.json["access_token"])
    return Visitor(role, home, clients.sign_in(user), bearer)
