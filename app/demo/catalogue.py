"""The demo catalogue: skills, categories and every service with its options.

Prices are what a Guangzhou household pays in 2026, in fen, for one visit of the given minutes (one
day for nannies and maternity carers). A service starts with its smallest job; options add to it.
Counts (air conditioners, bathrooms) are single-choice groups whose first option is included.
"""

import random

from app.demo.catalogue_appliances import APPLIANCES_AND_UPKEEP
from app.demo.catalogue_care import CARE
from app.demo.catalogue_cleaning import CLEANING
from app.demo.catalogue_repair import REPAIR
from app.demo.catalogue_specs import (
    CategorySpec,
    OptionGroupSpec,
    OptionSpec,
    ServiceSpec,
    SkillSpec,
)

__all__ = [
    "CATEGORIES",
    "SERVICES",
    "SERVICES_BY_CODE",
    "SKILLS",
    "SKILL_LEVELS",
    "UNITS",
    "CategorySpec",
    "OptionGroupSpec",
    "OptionSpec",
    "ServiceSpec",
    "SkillSpec",
    "pick_options",
    "pick_service",
]

SKILL_LEVELS: dict[int, tuple[str, str]] = {
    1: ("初级", "Basic"),
    2: ("中级", "Skilled"),
    3: ("高级", "Expert"),
}
UNITS: dict[str, tuple[str, str]] = {
    "visit": ("次", "visit"),
    "day": ("天", "day"),
    "half_day": ("半天", "half day"),
    "night": ("晚", "night"),
}

SKILLS: tuple[SkillSpec, ...] = (
    SkillSpec("cleaning", "日常保洁", "Household cleaning"),
    SkillSpec("deep_cleaning", "深度保洁", "Deep cleaning"),
    SkillSpec("aircon_cleaning", "空调清洗", "Air conditioner cleaning"),
    SkillSpec("washer_cleaning", "洗衣机清洗", "Washing machine cleaning"),
    SkillSpec("hood_cleaning", "油烟机清洗", "Range hood cleaning"),
    SkillSpec("floor_care", "地板养护", "Floor care"),
    SkillSpec("furniture_care", "家具养护", "Furniture care"),
    SkillSpec("childcare", "家务育儿", "Housekeeping and childcare"),
    SkillSpec("maternity_care", "母婴护理", "Maternity care"),
    SkillSpec("elder_care", "老人照护", "Elder care"),
    SkillSpec("patient_care", "病患照护", "Patient care"),
    SkillSpec("plumbing_electrical", "水电维修", "Plumbing and electrical repair"),
    SkillSpec("drain_clearing", "管道疏通", "Drain clearing"),
    SkillSpec("locksmith", "开锁换锁", "Locksmith"),
)

CATEGORIES: tuple[CategorySpec, ...] = (
    CategorySpec("clean", None, "保洁", "Cleaning"),
    CategorySpec("clean.daily", "clean", "日常保洁", "Daily cleaning"),
    CategorySpec("clean.thorough", "clean", "深度保洁", "Deep cleaning"),
    CategorySpec("appliance", None, "家电清洗", "Appliance cleaning"),
    CategorySpec("upkeep", None, "家居保养", "Home upkeep"),
    CategorySpec("care", None, "照护", "Care"),
    CategorySpec("care.family", "care", "保姆月嫂", "Nannies and maternity"),
    CategorySpec("care.health", "care", "老人病人护理", "Elders and patients"),
    CategorySpec("repair", None, "维修", "Repair"),
)

SERVICES: tuple[ServiceSpec, ...] = CLEANING + APPLIANCES_AND_UPKEEP + CARE + REPAIR
SERVICES_BY_CODE: dict[str, ServiceSpec] = {spec.code: spec for spec in SERVICES}


def pick_service(rng: random.Random) -> ServiceSpec:
    """A service as customers ask for it: common ones often, rare ones seldom."""
    return rng.choices(SERVICES, [spec.demand for spec in SERVICES])[0]


def pick_options(rng: random.Random, service: ServiceSpec) -> dict[str, tuple[str, ...]]:
    """A valid choice: group code -> option codes; a group without a choice is left out."""
    picked = {group.code: _pick(rng, group) for group in service.groups}
    return {code: options for code, options in picked.items() if options}


def _pick(rng: random.Random, group: OptionGroupSpec) -> tuple[str, ...]:
    codes = [option.code for option in group.options]
    if group.choice == "multi":
        return tuple(code for code in codes if rng.random() < 0.2)
    if not group.required and rng.random() < 0.7:
        return ()
    weights = range(2 * len(codes), 0, -2)
    return (rng.choices(codes, weights)[0],)
