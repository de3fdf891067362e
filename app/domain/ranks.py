"""Where many instants stand among some others."""

from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]


class Ranks:
    """How many of some ascending instants come before others: counted once in even steps, because
    a search for each of many takes ten times as long.
    """

    MOST_STEPS = 100_000

    def __init__(self, instants: Array) -> None:
        self._instants = instants
        self._step = int(np.gcd.reduce(np.diff(instants))) or 1
        steps = int(instants[-1] - instants[0]) // self._step + 1
        self._counts = None
        if steps <= self.MOST_STEPS:
            there = np.bincount((instants - instants[0]) // self._step, minlength=steps)
            self._counts = np.concatenate([[0], np.cumsum(there)])

    def before(self, instants: Array) -> Array:
        return self._ranked(instants, "left", -((self._instants[0] - instants) // self._step))

    def up_to(self, instants: Array) -> Array:
        return self._ranked(instants, "right", (instants - self._instants[0]) // self._step + 1)

    def _ranked(self, instants: Array, side: Literal["left", "right"], steps: Array) -> Array:
        if self._counts is None:
            return np.searchsorted(self._instants, instants, side=side)
        found: Array = self._counts[np.clip(steps, 0, len(self._counts) - 1)]
        return found
