"""Orders that many tests begin with; `PRICE` of the test's module says what they cost."""

import pytest

from tests.money.support import order, pay


@pytest.fixture(scope="module")
def unpaid_made(request, once, company_made):
    return once(lambda: order(company_made(), request.module.PRICE))


@pytest.fixture
def unpaid(app, unpaid_made):
    return unpaid_made()


@pytest.fixture(scope="module")
def paid_made(once, unpaid_made):
    def make():
        row = unpaid_made()
        pay(row)
        return row

    return once(make)


@pytest.fixture
def paid(app, paid_made):
    return paid_made()
