"""What most tests of the domain stand on, made once a module."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.models import Worker
from tests import factories
from tests.factories import Company
from tests.orders import moves


@pytest.fixture(scope="module")
def company_made(once: Any) -> Callable[[], Company]:
    """To build on in a module's own `once`."""
    made: Callable[[], Company] = once(factories.company)
    return made


@pytest.fixture
def company(app: Flask, company_made: Callable[[], Company]) -> Company:
    return company_made()


@pytest.fixture(scope="module")
def worker_made(once: Any, company_made: Callable[[], Company]) -> Callable[[], Worker]:
    """The company's only worker."""
    made: Callable[[], Worker] = once(lambda: factories.worker(company_made()))
    return made


@pytest.fixture
def worker(app: Flask, worker_made: Callable[[], Worker]) -> Worker:
    return worker_made()


@pytest.fixture(scope="module")
def booked(once: Any) -> Callable[[], moves.Booked]:
    """An accepted order; a module may book another one by a fixture of this name."""
    made: Callable[[], moves.Booked] = once(moves.booked)
    return made


@pytest.fixture
def case(app: Flask, booked: Callable[[], moves.Booked]) -> moves.Booked:
    return booked()
