"""A booking, held and ordered, costs a bounded number of statements on PostgreSQL.

Beside two that look for likely workers, which the driver sends by itself.
"""

import pytest

from tests import factories
from tests.kit import clients

C = "/api/customer/v1"
MOST = 48
pytestmark = pytest.mark.backends("postgresql")


def test_a_booking_costs_fifty_statements_at_most(company, count_queries):
    factories.worker(company)
    customer = clients.with_token(clients.customer_token(company.customer))
    quote = factories.quote(company)
    wanted = {"quote_number": quote.number, "starts_at": factories.tomorrow().isoformat()}

    with count_queries() as statements:
        held = customer.post(f"{C}/holds", json=wanted).json
        body = {"hold_number": held["number"], "quote_hash": held["quote_hash"]}
        ordered = customer.post(f"{C}/orders", json=body)

    assert ordered.status_code == 201
    assert len(statements) <= MOST, "\n".join(statements)
