"""What most tests of the domain stand on, made once a module."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.factories import Company


@pytest.fixture(scope="module")
def company_made(once: Any) -> Callable[[], Company]:
    """To build on in a module's own `once`."""
    made: Callable[[], Company] = once(factories.company)
    return made


@pytest.fixture
def company(app: Flask, company_made: Callable[[], Company]) -> Company:
    return company_made()
