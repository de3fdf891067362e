"""What a demo service is made of, and the option groups that several services share."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SkillSpec:
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class CategorySpec:
    """A node of the category tree; the parent is listed before its children."""

    code: str
    parent_code: str | None
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """`skill_code` is a skill that this option needs besides the service's own."""

    code: str
    name_zh: str
    name_en: str
    price_fen: int = 0
    minutes: int = 0
    skill_code: str | None = None


@dataclass(frozen=True, slots=True)
class OptionGroupSpec:
    """A question to the customer. In a required group the first option is the default."""

    code: str
    name_zh: str
    name_en: str
    choice: Literal["single", "multi"]
    required: bool
    options: tuple[OptionSpec, ...]


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A bookable service. `visits_max` > 1: may be ordered for that many days, one visit a day;
    every demo service can be booked as a single visit. `demand` weighs it in made-up history.
    `hours`: where it does not keep those of the house, from and to in minutes after midnight."""

    code: str
    category_code: str
    name_zh: str
    name_en: str
    description_zh: str
    price_fen: int
    unit: Literal["visit", "day", "half_day", "night"]
    minutes: int
    skill_code: str
    skill_level: int
    groups: tuple[OptionGroupSpec, ...]
    pay_mode: Literal["prepaid", "after"] = "prepaid"
    buffer_before_minutes: int = 10
    buffer_after_minutes: int = 10
    crew_size: int = 1
    warranty_days: int = 0
    visits_max: int = 1
    demand: int = 1
    hours: tuple[int, int] | None = None

    @property
    def family(self) -> str:
        """The first part of the code: clean, appliance, upkeep, care or repair."""
        return self.code.partition(".")[0]


def single_choice(
    code: str, zh: str, en: str, *options: OptionSpec, required: bool = True
) -> OptionGroupSpec:
    return OptionGroupSpec(code, zh, en, "single", required, options)


def multi_choice(code: str, zh: str, en: str, *options: OptionSpec) -> OptionGroupSpec:
    return OptionGroupSpec(code, zh, en, "multi", False, options)


def eco_supplies(price_fen: int) -> OptionGroupSpec:
    return single_choice(
        "supplies",
        "环保用品",
        "Supplies",
        OptionSpec("regular", "普通清洁用品", "Regular supplies"),
        OptionSpec("eco", "环保无磷用品", "Eco, phosphate-free", price_fen),
        OptionSpec("own", "使用客户自备用品", "Customer's own"),
    )


def cleaning_level(price_fen: int, minutes: int) -> OptionGroupSpec:
    return single_choice(
        "level",
        "清洁程度",
        "Cleaning level",
        OptionSpec("standard", "标准", "Standard"),
        OptionSpec("plus", "加强", "Thorough", price_fen // 2, minutes // 2),
        OptionSpec("deep", "深度", "Deep", price_fen, minutes),
    )


def count_choice(
    code: str, zh: str, en: str, measure: tuple[str, str], top: int, each: tuple[int, int]
) -> OptionGroupSpec:
    """1..`top` pieces; the first is included, every further one adds `each` (fen, minutes)."""
    fen, minutes = each
    options = (
        OptionSpec(
            f"n{n + 1}", f"{n + 1}{measure[0]}", f"{n + 1} {measure[1]}", n * fen, n * minutes
        )
        for n in range(top)
    )
    return single_choice(code, zh, en, *options)


def floor_area(*rows: tuple[int, int, int]) -> OptionGroupSpec:
    """Rows of (up to square metres, fen, minutes)."""
    options = (
        OptionSpec(f"to{size}", f"{size}㎡以内", f"up to {size} m²", fen, minutes)
        for size, fen, minutes in rows
    )
    return single_choice("size", "面积", "Floor area", *options)
