"""The back office in the journey: people with their own logins, pages and forms."""

import io
import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl

from app.demo.journey_http import Browser, JourneyFailed
from app.demo.load_staff import STAFF_PASSWORD
from app.demo.people import worker_phone

CITY = ZoneInfo("Asia/Shanghai")
CHECKS_SHEET = "校验"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Office:
    """Staff who sign in when they are first needed."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._signed_in: dict[str, Browser] = {}
        self.run_id = 0
        self.run_number = ""
        self.workbook = b""
        self.withdrawal_id = 0

    def staff(self, username: str) -> Browser:
        if username not in self._signed_in:
            self._signed_in[username] = Browser(self._base_url, username, STAFF_PASSWORD)
        return self._signed_in[username]

    # Operations: the demo's clock.

    def now(self) -> datetime:
        return self.staff("ops").now()

    def travel_to(self, instant: datetime) -> str:
        """Move the clock forward to that minute. What has its hour by then happens."""
        ops = self.staff("ops")
        by = max(instant - ops.now(), timedelta(minutes=1))
        minutes = by.seconds // 60
        ops.submit("/demo-clock/", days=by.days, hours=minutes // 60, minutes=minutes % 60)
        return f"by {by.days} d {minutes // 60} h {minutes % 60} min, to {ops.now():%F %H:%M} UTC"

    # HR: the roster.

    def plan_shifts(self, day: date) -> int:
        """Let the workers of the first page work that day; returns how many do."""
        hr = self.staff("hr")
        workers = re.findall(r"/workerview/show/(\d+)", hr.page("/workerview/list/"))
        hr.page("/shiftview/add")
        return sum(self._add_shift(hr, worker_id, day) for worker_id in dict.fromkeys(workers))

    def _add_shift(self, hr: Browser, worker_id: str, day: date) -> bool:
        hours = {"starts_at": f"{day}T07:30", "ends_at": f"{day}T20:00"}
        try:
            hr.submit("/shiftview/add", worker=worker_id, **hours)
        except JourneyFailed:
            return False  # she has a shift already
        return True

    # Dispatch: why this one.

    def offered_worker(self, order_number: str) -> tuple[str, str]:
        """(phone, sentence) of the worker whom the order is offered to."""
        dispatcher = self.staff("dispatcher")
        order_id = self._row(dispatcher, "/orders", order_number)
        page = dispatcher.page(f"/orders/show/{order_id}", part="dispatch")
        asked = re.search(r'/workerview/show/(\d+)"[^>]*>([^<]+)<', page)
        if asked is None:
            raise JourneyFailed(f"The page of order {order_number} names no worker who was asked.")
        number = re.search(r"W(\d{6})", dispatcher.page(f"/workerview/show/{asked.group(1)}"))
        if number is None:
            raise JourneyFailed("The page of the worker shows no number.")
        others = len(set(re.findall(r"/workerview/show/(\d+)", page))) - 1
        told = f"{number.group(0)} {asked.group(2).strip()}; {others} others are explained"
        return worker_phone(int(number.group(1))), told

    # Finance: one makes, one approves, one pays.

    def make_run(self, maker: str = "finance_make") -> str:
        browser = self.staff(maker)
        today = city_day(self.now())
        page = browser.page("/settlement/make")
        branch = re.search(r'<select[^>]*id="branch".*?<option value="(\d+)"', page, re.DOTALL)
        if branch is None:
            raise JourneyFailed("There is no branch to settle.")
        form = {"period_from": today - timedelta(days=6), "period_to": today}
        made = browser.submit("/settlement/make", branch=branch.group(1), **form)
        shown = re.search(r"/settlement/show/(\d+)", made.url)
        number = re.search(r"S\d{6}[0-9A-Z]{10}", made.text)
        if shown is None or number is None:
            raise JourneyFailed("No settlement run was made.")
        self.run_id, self.run_number = int(shown.group(1)), number.group(0)
        return f"{self.run_number} by {maker}, {form['period_from']} to {form['period_to']}"

    def ask_approval(self, maker: str = "finance_make") -> str:
        self.staff(maker).submit(f"/settlement/action/ask/{self.run_id}")
        return f"{self.run_number} waits for somebody else"

    def approve_run(self, approver: str = "finance_approve") -> str:
        browser = self.staff(approver)
        approval_id = self._row(browser, "/approvals", self.run_number)
        browser.page(f"/approvals/ask/approve/{approval_id}")
        browser.submit(f"/approvals/action/approve/{approval_id}", note="核对无误")
        return f"{self.run_number} by {approver}"

    def download_workbook(self, maker: str = "finance_make") -> str:
        """Download, read back with openpyxl, and look for a figure that says FALSE."""
        browser = self.staff(maker)
        browser.page(f"/settlement/show/{self.run_id}")
        answer = browser.submit(f"/settlement/action/workbook/{self.run_id}")
        if answer.headers["Content-Type"] != XLSX:
            raise JourneyFailed("What was downloaded is no Excel workbook.")
        self.workbook = answer.content
        book = read_workbook(self.workbook)
        # Not `False in row`: a figure of 0 is equal to False.
        failed = [str(row[1]) for row in book[CHECKS_SHEET] if any(cell is False for cell in row)]
        if failed:
            raise JourneyFailed(f"The workbook says itself that it is wrong: {', '.join(failed)}.")
        return f"{len(book)} sheets, {len(self.workbook)} bytes: {'、'.join(book)}"

    def review_withdrawal(self, number: str, reviewer: str = "finance_approve") -> str:
        browser = self.staff(reviewer)
        self.withdrawal_id = self._row(browser, "/withdrawals", number)
        browser.page(f"/withdrawals/show/{self.withdrawal_id}")
        browser.submit(f"/withdrawals/action/review/{self.withdrawal_id}")
        return f"{number} by {reviewer}"

    def send_withdrawal(self, number: str, payer: str = "finance_pay") -> str:
        browser = self.staff(payer)
        browser.page(f"/withdrawals/show/{self.withdrawal_id}")
        browser.submit(f"/withdrawals/action/send/{self.withdrawal_id}")
        return f"{number} by {payer}"

    def _row(self, browser: Browser, screen: str, words: str) -> int:
        """The key of the first row in a list that contains the words."""
        page = browser.page(f"{screen}/list/")
        for row in page.split("<tr")[1:]:
            key = re.search(rf"{screen}/show/(\d+)", row)
            if words in row and key:
                return int(key.group(1))
        raise JourneyFailed(f"{browser.username} finds no {words} in {screen}.")


def city_day(instant: datetime) -> date:
    """The day in Guangzhou."""
    return instant.astimezone(CITY).date()


def read_workbook(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """The cached values of each sheet's rows, as a viewer shows them."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
