import pytest

from tests import factories
from tests.factories import Company


@pytest.fixture
def company(app) -> Company:
    return factories.company()
