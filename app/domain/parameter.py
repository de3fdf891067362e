"""What a business rule is: its type, its bounds, and who may change it."""

from dataclasses import dataclass
from typing import Any, Literal

from app.domain.errors import N_, InvalidInput

ParameterType = Literal["integer", "boolean", "text", "choice", "choices", "weights"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A rule of the house. `group` says who may change it: business, money or system.

    Numbers are integers: fen, minutes (of a day when the key ends in "_minute"), percent...
    """

    key: str
    type: ParameterType
    default: Any
    help: str
    unit: str = ""
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    group: Literal["business", "money", "system"] = "business"

    @property
    def is_time_of_day(self) -> bool:
        """Minutes after midnight, which people see as 08:30."""
        return self.key.endswith("_minute")

    def checked(self, value: Any) -> Any:
        """Return the value, or raise InvalidInput that says what is allowed."""
        if not self._fits(value):
            raise InvalidInput(
                N_("This value is not allowed for %(key)s"),
                code="parameter_invalid",
                key=self.key,
                low=self.low,
                high=self.high,
                choices=list(self.choices),
            )
        return value

    def _fits(self, value: Any) -> bool:
        match self.type:
            case "integer":
                return type(value) is int and self._within(value)
            case "boolean":
                return isinstance(value, bool)
            case "text":
                return isinstance(value, str) and len(value) <= (self.high or 200)
            case "choice":
                return value in self.choices
            case "choices":
                return isinstance(value, list) and bool(value) and set(value) <= set(self.choices)
            case "weights":
                return (
                    isinstance(value, dict)
                    and set(value) == set(self.default)
                    and all(
                        type(weight) is int and self._within(weight) for weight in value.values()
                    )
                )

    def _within(self, value: int) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
