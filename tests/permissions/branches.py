"""Two branches that share a customer, an agency in one of them, and what only others may read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import Area, AreaRegion, Branch, Order, Partner, Region, Visit, Worker
from app.services import access
from app.services.transactions import transaction
from tests import factories
from tests.kit.clients import add_staff
from tests.views import stage

# A number that was given once, or something that a person has typed.
TELLING = re.compile(r"[A-Z]{1,2}[0-9]{6}[0-9A-Z]*|.*[\u4e00-\u9fff]{2}.*", re.DOTALL)


@dataclass
class Branches:
    """`home` has a row of everything; `away` serves the same customer, by an agency's worker."""

    home: stage.Stage
    away: factories.Company
    agency: Partner
    served: Order

    def staff(self, role: str) -> Any:
        """Somebody of the second branch; a partner's login of its agency."""
        partner_id = self.agency.id if role == "partner" else None
        return add_staff(role, branch_id=self.away.branch.id, partner_id=partner_id)


def build() -> Branches:
    home = stage.build_all()
    away = _second(home.company)
    agency = factories.save(Partner(branch_id=away.branch.id, code="PS", name="南沙劳务"))
    worker = factories.worker(away, name="李南沙", days=40)
    with transaction(SYSTEM) as session:
        own = session.get_one(Worker, worker.id)
        own.partner_id, own.kind = agency.id, "partner"
    served = stage.served(stage.paid(away))
    factories.worker(away, name="陈自营", days=1)  # not of the agency
    return Branches(home, away, agency, served)


def _second(first: factories.Company) -> factories.Company:
    branch = factories.save(Branch(code="south", name="南沙分店", city_code="440100"))
    region = factories.save(
        Region(code="440115", name="南沙区", name_en="Nansha", lat=23.13, lng=113.27)
    )
    area = factories.save(Area(branch_id=branch.id, code="south", name="南沙片区"))
    factories.save(AreaRegion(area_id=area.id, region_id=region.id))
    return factories.Company(
        branch, region, area, first.skill, first.cleaning, first.aircon, first.eco,
        first.customer, factories.address(first.customer, region),
    )  # fmt: skip


def out_of_reach(actor: Actor) -> set[str]:
    """Texts that stand in rows which the actor may not see, and in no row that he may see."""
    said: set[str] = set()
    known = set(_of_own_visits(actor))
    for model in tables():
        said.update(_texts(model, sa.true()))
        shared = model in access.SHARED
        known.update(_texts(model, sa.true() if shared else access.condition(model, actor)))
    return said - known


def _of_own_visits(actor: Actor) -> Iterator[str]:
    """An agency is told which order its worker's visit belongs to, and of which branch it is."""
    visits = sa.select(Visit.order_id).where(access.condition(Visit, actor))
    orders = db.session.scalars(sa.select(Order).where(Order.id.in_(visits)))
    for order in orders:
        yield from (order.number, order.branch.name)


def tables() -> list[type[Any]]:
    scoped = {*access.BRANCH_PATH, *access.OWN_RULE, *access.SHARED}
    return [mapper.class_ for mapper in Model.registry.mappers if mapper.class_ in scoped]


def _texts(model: type[Any], condition: Any) -> Iterator[str]:
    columns = [
        getattr(model, attribute.key)
        for attribute in sa.inspect(model).column_attrs
        if isinstance(attribute.columns[0].type, sa.String)
    ]
    if not columns:
        return
    for row in db.session.execute(sa.select(*columns).where(condition)):
        yield from (text for text in row if text and TELLING.fullmatch(text))
