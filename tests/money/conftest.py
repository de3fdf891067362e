from collections.abc import Callable
from typing import Any

import pytest

from tests import factories
from tests.factories import Company


@pytest.fixture(scope="module")
def company_made(once: Any) -> Callable[[], Company]:
    made: Callable[[], Company] = once(factories.company)
    return made


@pytest.fixture
def company(app, company_made) -> Company:
    return company_made()
