"""The whole way of one order through a running demo: booked, served, settled, paid out.

    python -m app.demo.journey --base-url http://127.0.0.1:8080 --gateway-url http://127.0.0.1:8081

Everything goes over HTTP: the customer's and the worker's API, the staff's pages and forms, and
the local gateway where people pay and read their messages. The demo's clock travels to the visit
and past the holding time, so that a day of the demo takes seconds. It may run again: each time a
new customer comes. Where the product's own database is at hand (`flask demo-order`) the checks of
`flask check` run after each step.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

import requests
from flask import current_app, has_app_context

from app.demo.journey_http import Gateway, JourneyFailed
from app.demo.journey_office import Office, city_day
from app.demo.journey_people import Customer, NothingFree, Worker
from app.demo.journey_traces import Traces

__all__ = ["Journey", "JourneyFailed", "run"]

Printer = Callable[[str], object]
Step = tuple[str, Callable[[], str]]
BEFORE_START = timedelta(minutes=20)
AFTER_HOLD = timedelta(days=7, hours=1)
WITHDRAWN_FEN = 10_000


class Journey:
    """The people of one order, and what they do, in order."""

    def __init__(self, base_url: str, gateway_url: str, locale: str = "zh") -> None:
        self._base_url, self._locale = base_url, locale
        self.gateway = Gateway(gateway_url)
        self.office = Office(base_url)
        self.customer = Customer(base_url, self.gateway, locale)
        self._worker: Worker | None = None
        self.statement_pdf = b""

    @property
    def worker(self) -> Worker:
        if self._worker is None:
            raise JourneyFailed("Nobody was asked to serve this order.")
        return self._worker

    def steps(self) -> Iterator[Step]:
        """Each step's name, and what does it and tells of it in a sentence."""
        yield from self._booking()
        yield from self._visit()
        yield from self._settlement()
        yield from self._payout()

    def _booking(self) -> Iterator[Step]:
        customer = self.customer
        yield "customer logs in by phone code", customer.log_in
        yield "customer adds an address", customer.add_address
        yield "customer looks at the services", customer.list_services
        yield "customer asks what two services cost", customer.ask_price
        yield "customer holds a free time", self._hold_time
        yield "customer orders", customer.place_order
        yield "customer pays at the gateway", customer.pay
        yield "the order is offered by itself", customer.await_dispatch
        yield "dispatcher sees why", self._meet_worker

    def _visit(self) -> Iterator[Step]:
        worker = self.worker
        yield "worker logs in by phone code", worker.log_in
        yield "worker accepts the offer", lambda: worker.accept(self.customer.number)
        yield (
            "the clock travels to the visit",
            lambda: self.office.travel_to(worker.planned_start - BEFORE_START),
        )
        yield "worker departs", worker.depart
        yield "worker checks in at the address", worker.check_in
        yield "worker takes a photo before the work", lambda: worker.take_photos("before", 1)
        yield (
            "the clock travels through the visit",
            lambda: self.office.travel_to(worker.planned_end),
        )
        yield "worker takes photos of the result", lambda: worker.take_photos("after", 2)
        yield "worker checks out", worker.check_out
        yield "customer confirms", self.customer.confirm
        yield "customer reviews", self.customer.review

    def _settlement(self) -> Iterator[Step]:
        office, worker = self.office, self.worker
        yield (
            "the clock travels past the holding time",
            lambda: office.travel_to(office.now() + AFTER_HOLD),
        )
        yield "finance makes a settlement run", office.make_run
        yield "finance asks for approval", office.ask_approval
        yield "somebody else approves it", office.approve_run
        yield "finance downloads the workbook", office.download_workbook
        yield "worker reads the statement", lambda: worker.read_statement(self.customer.number)
        yield "worker downloads it as a PDF", self._download_statement
        yield "worker confirms the statement", worker.confirm_statement

    def _payout(self) -> Iterator[Step]:
        office, worker = self.office, self.worker
        yield "worker asks for money", lambda: worker.withdraw(WITHDRAWN_FEN)
        yield "finance reviews it", lambda: office.review_withdrawal(worker.withdrawal["number"])
        yield "somebody else sends it", lambda: office.send_withdrawal(worker.withdrawal["number"])
        yield "worker takes the money", worker.take_money

    def _hold_time(self) -> str:
        """After some journeys the clock has left the planned shifts behind: HR plans more."""
        today = city_day(self.office.now())
        try:
            return self.customer.hold_time(today)
        except NothingFree:
            planned = self.office.plan_shifts(today + timedelta(days=1))
            return f"HR plans {planned} shifts; {self.customer.hold_time(today)}"

    def _meet_worker(self) -> str:
        phone, told = self.office.offered_worker(self.customer.number)
        self._worker = Worker(self._base_url, self.gateway, self._locale, phone)
        return told

    def _download_statement(self) -> str:
        self.statement_pdf = self.worker.download_statement()
        return f"{len(self.statement_pdf)} bytes, font embedded"


def run(
    printer: Printer = print,
    *,
    base_url: str | None = None,
    gateway_url: str | None = None,
    locale: str = "zh",
) -> Journey:
    """Send one order on its way through the running product, and print each step.

    Inside the product's application its own addresses are the default, and after each step the
    checks run on its database. Raises JourneyFailed with one sentence at the first step that fails.
    """
    journey = Journey(*_addresses(base_url, gateway_url), locale)
    traces = Traces() if has_app_context() and base_url is None else None
    if traces is None:
        printer("Over HTTP only: the checks of `flask check` are not asked for.")
    for number, (name, act) in enumerate(journey.steps(), 1):
        printer(f"{number:2}. {name}: {_done(name, act)}")
        if traces:
            printer(f"    {traces.told()}")
    printer(f"Order {journey.customer.number} went the whole way.")
    return journey


def _done(name: str, act: Callable[[], str]) -> str:
    try:
        return act()
    except requests.ConnectionError as exc:
        url = exc.request.url if exc.request else "the product"
        raise JourneyFailed(f"{name}: nobody answers at {url}; start it with `make run`.") from exc
    except requests.RequestException as exc:
        raise JourneyFailed(f"{name}: {exc}") from exc
    except JourneyFailed as exc:
        raise JourneyFailed(f"{name}: {exc}") from exc


def _addresses(base_url: str | None, gateway_url: str | None) -> tuple[str, str]:
    if has_app_context():
        base_url = base_url or current_app.config["PUBLIC_URL"]
        gateway_url = gateway_url or current_app.config["LOCAL_GATEWAY_URL"]
    if not base_url or not gateway_url:
        raise JourneyFailed("Say where the product and its local gateway answer.")
    return base_url, gateway_url


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.demo.journey", description=run.__doc__)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--gateway-url", required=True)
    parser.add_argument("--locale", choices=("zh", "en"), default="zh")
    given = parser.parse_args()
    try:
        run(base_url=given.base_url, gateway_url=given.gateway_url, locale=given.locale)
    except JourneyFailed as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
