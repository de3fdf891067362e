"""Who does something. Written beside every change."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["staff", "customer", "worker", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    kind: ActorKind
    id: int | None = None

    def __str__(self) -> str:
        return self.kind if self.id is None else f"{self.kind}:{self.id}"


SYSTEM = Actor("system")
