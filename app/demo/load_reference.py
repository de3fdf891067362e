"""Loads what the demo company sells, and where: regions, areas, skills, catalogue, commission."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.demo import catalogue, geography
from app.demo.catalogue_specs import OptionGroupSpec, OptionSpec, ServiceSpec
from app.domain.actors import SYSTEM, Actor
from app.models import (
    Area,
    AreaRegion,
    Branch,
    Category,
    CommissionRule,
    Option,
    OptionGroup,
    Region,
    Service,
    Skill,
    SkillRequirement,
)
from app.services.catalog.publishing import publish
from app.services.transactions import transaction

COMMISSION_BP = 2000
KINDS = {"single": "single", "multi": "multiple"}
OptionKey = tuple[str, str, str]  # service, group, option


@dataclass
class Reference:
    """Ids of the reference data by their codes."""

    branch_id: int
    regions: dict[str, int] = field(default_factory=dict)
    areas: dict[str, int] = field(default_factory=dict)
    skills: dict[str, int] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    options: dict[OptionKey, int] = field(default_factory=dict)


def guangzhou() -> int:
    """The company's first branch becomes Guangzhou's: new customers belong to it, too."""
    with transaction(SYSTEM) as session:
        branch = session.scalars(sa.select(Branch).order_by(Branch.id).limit(1)).one_or_none()
        if branch is None:
            branch = Branch()
            session.add(branch)
        branch.code, branch.name, branch.city_code = "GZ", "广州", geography.CITY_CODE
        session.flush()
        return branch.id


def load_reference(branch_id: int, today: date, actor: Actor) -> Reference:
    with transaction(actor) as session:
        reference = Reference(branch_id)
        _geography(session, reference)
        _skills(session, reference)
        _services(session, reference, _categories(session))
        _commission(session, today - timedelta(days=365))
    for service_id in reference.services.values():
        publish(service_id, actor=actor)
    return reference


def _geography(session: Session, reference: Reference) -> None:
    regions = _regions(session)
    areas = [
        Area(
            branch_id=reference.branch_id,
            code=row.code,
            name=row.name_zh,
            name_en=row.name_en,
            travel_fee_fen=row.travel_fee_fen,
        )
        for row in geography.SERVICE_AREAS
    ]
    session.add_all(areas)
    session.flush()
    reference.regions = regions
    reference.areas = {area.code: area.id for area in areas}
    session.add_all(
        AreaRegion(area_id=reference.areas[area.code], region_id=reference.regions[code])
        for area in geography.SERVICE_AREAS
        for code in area.district_codes
    )


def _regions(session: Session) -> dict[str, int]:
    """Ids by code. The installation has added the city's; here those that it has not."""
    known = {region.code: region for region in session.scalars(sa.select(Region))}
    for row in geography.REGIONS:
        if row.code not in known:
            known[row.code] = Region(
                code=row.code,
                parent_code=row.parent_code,
                name=row.name_zh,
                name_en=row.name_en,
                lat=row.lat,
                lng=row.lng,
            )
            session.add(known[row.code])
    session.flush()
    return {code: region.id for code, region in known.items()}


def _commission(session: Session, valid_from: date) -> None:
    """The standard rule, in force since before the first order of the demo's past."""
    first = sa.select(CommissionRule).filter_by(code="standard", revision=1)
    rule = session.scalar(first)
    if rule is None:
        rule = CommissionRule(code="standard", name="标准佣金")
        session.add(rule)
    rule.rate_bp, rule.valid_from, rule.active = COMMISSION_BP, valid_from, True


def _skills(session: Session, reference: Reference) -> None:
    skills = [
        Skill(code=row.code, name=row.name_zh, name_en=row.name_en) for row in catalogue.SKILLS
    ]
    session.add_all(skills)
    session.flush()
    reference.skills = {skill.code: skill.id for skill in skills}


def _categories(session: Session) -> dict[str, int]:
    """The tree; a parent is listed before its children."""
    ids: dict[str, int] = {}
    for position, row in enumerate(catalogue.CATEGORIES, 1):
        category = Category(
            code=row.code,
            parent_id=ids.get(row.parent_code or ""),
            name=row.name_zh,
            name_en=row.name_en,
            position=position,
        )
        session.add(category)
        session.flush()
        ids[row.code] = category.id
    return ids


def _services(session: Session, reference: Reference, categories: dict[str, int]) -> None:
    for position, spec in enumerate(catalogue.SERVICES, 1):
        service = _service(spec, categories[spec.category_code], position)
        session.add(service)
        session.flush()
        reference.services[spec.code] = service.id
        session.add(
            SkillRequirement(
                service_id=service.id,
                skill_id=reference.skills[spec.skill_code],
                level=spec.skill_level,
            )
        )
        for place, group in enumerate(spec.groups, 1):
            _options(session, reference, spec.code, group, place)


def _service(spec: ServiceSpec, category_id: int, position: int) -> Service:
    return Service(
        category_id=category_id,
        code=spec.code,
        name=spec.name_zh,
        name_en=spec.name_en,
        description=spec.description_zh,
        unit=catalogue.UNITS[spec.unit][0],
        price_fen=spec.price_fen,
        minutes=spec.minutes,
        buffer_before_minutes=spec.buffer_before_minutes,
        buffer_after_minutes=spec.buffer_after_minutes,
        crew_size=spec.crew_size,
        days_most=spec.visits_max,
        from_minute=spec.hours[0] if spec.hours else None,
        to_minute=spec.hours[1] if spec.hours else None,
        pay_mode=spec.pay_mode,
        warranty_days=spec.warranty_days,
        position=position,
    )


def _options(
    session: Session, reference: Reference, service: str, spec: OptionGroupSpec, position: int
) -> None:
    group = OptionGroup(
        service_id=reference.services[service],
        code=spec.code,
        name=spec.name_zh,
        name_en=spec.name_en,
        kind=KINDS[spec.choice],
        required=spec.required,
        position=position,
    )
    session.add(group)
    session.flush()
    options = [
        _option(reference, group.id, row, place) for place, row in enumerate(spec.options, 1)
    ]
    session.add_all(options)
    session.flush()
    for option in options:
        reference.options[service, spec.code, option.code] = option.id


def _option(reference: Reference, group_id: int, spec: OptionSpec, position: int) -> Option:
    return Option(
        group_id=group_id,
        code=spec.code,
        name=spec.name_zh,
        name_en=spec.name_en,
        price_fen=spec.price_fen,
        minutes=spec.minutes,
        skill_id=reference.skills[spec.skill_code] if spec.skill_code else None,
        position=position,
    )
