"""Every check holds on each demo company in each database; `make test` loads each in one."""

import pytest

from app.demo import loader
from app.services.system import checks
from tests.demo.test_grow import VILLAGE
from tests.demo.test_loader import loaded

pytestmark = pytest.mark.proof


@pytest.fixture(params=["tiny", "village"])
def company(request, _app_of, _databases, backend, tmp_path, monkeypatch):
    monkeypatch.setitem(loader.SCALES, "village", VILLAGE)
    with loaded(_app_of(backend), _databases[backend], tmp_path, request.param) as app:
        yield app


def test_every_check_holds(company):
    assert {n: found.failures for n, found in checks.run_all().items() if not found.ok} == {}
