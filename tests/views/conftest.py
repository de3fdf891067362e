"""These tests read English: a client that asks for it."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def staff_client(staff_client: Callable[..., Any]) -> Callable[..., Any]:
    def make(role: str | None, **profile: Any) -> Any:
        client = staff_client(role, **profile)
        client.get("/lang/en")
        return client

    return make
