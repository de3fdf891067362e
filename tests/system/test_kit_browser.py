import pytest

from tests.kit.browser import Contexts

pytestmark = pytest.mark.backends("sqlite")


def test_a_page_of_the_running_product_opens(page):
    answer = page.goto("/healthz")

    assert answer.status == 200


def test_asking_another_host_is_noticed(browser, live_url):
    contexts = Contexts(browser, live_url)
    page = contexts.open(390, 844).new_page()
    page.goto("/healthz")
    page.evaluate("fetch('http://other.example/x').catch(() => 0)")

    with pytest.raises(AssertionError, match=r"http://other\.example/x"):
        contexts.close()


def test_asking_another_host_is_noticed_without_a_policy_too(browser, live_url):
    contexts = Contexts(browser, live_url)
    page = contexts.open(390, 844, bypass_csp=True).new_page()
    page.goto("/healthz")
    page.evaluate("fetch('http://other.example/x').catch(() => 0)")

    with pytest.raises(AssertionError, match=r"http://other\.example/x"):
        contexts.close()
