"""These tests read English, most of them on one company in the middle of its day."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.views import stage


@pytest.fixture(scope="module")
def staged(once: Any) -> Callable[[], stage.Stage]:
    made: Callable[[], stage.Stage] = once(stage.build)
    return made


@pytest.fixture
def built(app: Flask, staged: Callable[[], stage.Stage]) -> stage.Stage:
    """The stage. A module's other tests see it too once it is built."""
    return staged()


@pytest.fixture
def staff_client(staff_client: Callable[..., Any]) -> Callable[..., Any]:
    def make(role: str | None, **profile: Any) -> Any:
        client = staff_client(role, **profile)
        client.get("/lang/en")
        return client

    return make
