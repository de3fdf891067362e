"""The two pages of a booking by phone: they fit a narrow screen and can be read."""

import pytest

from tests import factories
from tests.browser.conftest import enter, faults, overhang
from tests.kit import clients

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.proof]


@pytest.mark.parametrize("width", [1366, 390])
def test_the_pages_of_a_booking_fit_and_read(real_app, live_url, context_of, width):
    company = factories.company()
    factories.worker(company)
    staff = clients.add_staff("service")
    page = context_of(width, 900).new_page()
    enter(page, staff.username, clients.PASSWORD)

    page.goto(f"/customerview/booking/{company.customer.id}")
    assert (overhang(page), faults(page)) == (0, [])
    assert not page.locator(".booking-details").first.is_visible()
    page.check("input[name=service]")
    assert page.locator(".booking-details").first.is_visible()
    assert page.locator("input[type=radio][name^=option-]").first.is_checked()
    page.click(".form-buttons button[type=submit]")
    page.wait_for_url("**/booking_times/**")
    assert (overhang(page), faults(page)) == (0, [])
    assert page.locator("input[name=starts_at]").count() > 50
