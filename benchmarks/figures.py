"""What a benchmark measures, and how it is printed."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADER = ("name", "ours", "baseline", "ratio", "goal", "")


@dataclass(frozen=True)
class Figure:
    """One line of the table. Less is better; `ratio` says how many times less.

    `at_most` and `at_least_ratio` are the goals; without either the figure is only told.
    """

    name: str
    ours: float
    baseline: float | None = None
    unit: str = ""
    at_most: float | None = None
    at_least_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.baseline / self.ours if self.baseline is not None and self.ours else None

    @property
    def ok(self) -> bool:
        if self.at_most is not None and self.ours > self.at_most:
            return False
        ratio = float("inf") if self.baseline and not self.ours else self.ratio or 0.0
        return self.at_least_ratio is None or ratio >= self.at_least_ratio

    def cells(self) -> tuple[str, ...]:
        return (
            self.name,
            self._told(self.ours),
            "-" if self.baseline is None else self._told(self.baseline),
            "-" if self.ratio is None else f"{self.ratio:.1f}x",
            self._goal(),
            "ok" if self.ok else "short",
        )

    def _told(self, value: float) -> str:
        return f"{value:,.{0 if value >= 100 or value == int(value) else 2}f} {self.unit}".strip()

    def _goal(self) -> str:
        goals = []
        if self.at_most is not None:
            goals.append(f"<= {self._told(self.at_most)}")
        if self.at_least_ratio is not None:
            goals.append(f">= {self.at_least_ratio:g}x")
        return ", ".join(goals) or "-"


def table(figures: Iterable[Figure]) -> str:
    rows = [HEADER, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    return "\n".join(
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
