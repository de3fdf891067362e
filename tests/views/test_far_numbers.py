"""Numbers that no column holds and characters that no text has find nothing, and break nothing."""

import functools
import itertools

import pytest

from tests.views.test_screens import screens, who_may

pytestmark = pytest.mark.backends("postgresql")  # the stricter of the two

TOO_MUCH = ("2147483648", "9223372036854775807", "9223372036854775808", "-2147483649", "9" * 30)


@pytest.fixture(scope="module", params=["staff", "roles"])
def root(request):
    return request.param


@pytest.mark.parametrize("number", TOO_MUCH)
def test_a_key_that_no_row_can_have_is_not_found(app, staff_client, root, number):
    client = staff_client("administrator")

    assert client.get(f"/{root}/show/{number}").status_code == 404
    assert client.get(f"/{root}/edit/{number}").status_code == 404


def number_filters(view):
    """The names in a URL of the filters that a list of this view offers for numbers."""
    for column, offered in view._filters.get_search_filters().items():
        for place, one in enumerate(offered):
            if one.control == "number":
                yield f"_flt_{place}_{column}"


def test_a_filter_for_more_than_a_column_holds_is_passed_over(app, staff_client):
    clients, numbers, asked = functools.cache(staff_client), itertools.cycle(TOO_MUCH), 0
    for view in screens("list"):
        for name, number in zip(number_filters(view), numbers, strict=False):
            path = f"{view.route_base}/list/?{name}={number}"
            assert clients(who_may("list", view)).get(path).status_code == 200, path
            asked += 1
    assert asked > len(TOO_MUCH)


@pytest.mark.parametrize("path", ["/orders/photo/%00", "/orders/show/%00", "/%00", "/api/%00"])
def test_a_path_with_a_nul_leads_nowhere(app, staff_client, path):
    assert staff_client("operations").get(path).status_code == 404
