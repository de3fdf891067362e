"""`python -m app.server.parameter_docs`: writes docs/parameters.md from the declarations."""

from collections.abc import Iterator
from typing import Any

from app.domain.calendar import clock_of
from app.domain.parameter import Parameter
from app.domain.parameters import DECLARED
from config import BASE_DIR

FILE = BASE_DIR / "docs" / "parameters.md"
HEAD = """# Parameters

Every rule that a company may change without code, with its default. Written from
`app/domain/parameters.py` by `make docs`; changed on the page 参数 of the admin UI, each change
with its reason, now or from a day on. Who decides: *business* operations, *money* finance (a second
person agrees), *system* the administrator.
"""


def text() -> str:
    """The whole document."""
    return HEAD + "".join(_lines())


def _lines() -> Iterator[str]:
    area = ""
    for parameter in DECLARED:
        if (group := parameter.key.split(".")[0]) != area:
            area = group
            yield f"\n## {area}\n\n| key | default | allowed | who decides | meaning |\n"
            yield "| --- | --- | --- | --- | --- |\n"
        cells = (
            f"`{parameter.key}`", _value(parameter, parameter.default), _allowed(parameter),
            parameter.group, parameter.help,
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |\n"


def _value(parameter: Parameter, value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {weight}" for key, weight in value.items())
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    if parameter.is_time_of_day:
        return clock_of(value)
    return f"{value} {parameter.unit}".strip()


def _allowed(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(parameter.choices)
    if parameter.is_time_of_day:
        return f"{clock_of(parameter.low or 0)} to {clock_of(parameter.high or 0)}"
    if parameter.low is not None:
        return f"{parameter.low} to {parameter.high}"
    return f"up to {parameter.high} characters" if parameter.type == "text" else ""


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
