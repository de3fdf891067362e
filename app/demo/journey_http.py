"""What the people of the journey hold in their hands: clients, browsers, and a telephone."""

import re
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypeVar

import requests
from click import ClickException

Realm = Literal["customer", "worker"]
T = TypeVar("T")
TIMEOUT = 30  # seconds for one answer
PATIENCE = 45.0  # seconds for what the product does by itself
PAUSE = 0.2
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FLASHED = re.compile(r'class="(?:alert|flash)[^"]*danger[^"]*"[^>]*>(.*?)</div>', re.DOTALL)


class JourneyFailed(ClickException):
    """A step did not do what it should. The message is one sentence; a command exits with 1."""


def until(what: str, find: Callable[[], T | None]) -> T:
    """Ask again and again until there is an answer. Raises JourneyFailed after a while."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = find()
        if found is not None:
            return found
        time.sleep(PAUSE)
    raise JourneyFailed(f"Waited {PATIENCE:.0f} s in vain for {what}.")


class Gateway:
    """The local gateway, as those use it who pay, are paid, and read their messages."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = requests.Session()

    def code_sent_to(self, phone: str, after: set[str]) -> str:
        """The code of the first message that is not among `after`."""

        def find() -> str | None:
            fresh = [one for one in self.messages(phone) if one["message_id"] not in after]
            return str(fresh[0]["code"]) if fresh else None

        return until(f"the log-in code to {phone}", find)

    def messages(self, phone: str) -> list[dict[str, Any]]:
        answer = self._http.get(f"{self.url}/_local/sms", params={"phone": phone}, timeout=TIMEOUT)
        return list(_checked(answer).json()["messages"])

    def pay(self, out_trade_no: str) -> None:
        _checked(self._http.post(f"{self.url}/_local/pay/{out_trade_no}", timeout=TIMEOUT))

    def confirm_transfer(self, number: str) -> None:
        url = f"{self.url}/_local/transfers/{number}/confirm"
        _checked(self._http.post(url, timeout=TIMEOUT))


class Client:
    """The app of a customer or worker. Tokens that ran out are swapped for new ones."""

    def __init__(self, base_url: str, realm: Realm, locale: str) -> None:
        self.api = f"{base_url.rstrip('/')}/api/{realm}/v1"
        self._http = requests.Session()
        self._http.headers.update({"Accept-Language": locale, "X-Client": "journey"})
        self._refresh = ""

    def log_in(self, phone: str, gateway: Gateway) -> None:
        before = {message["message_id"] for message in gateway.messages(phone)}
        self.post("/auth/code", {"phone": phone})
        code = gateway.code_sent_to(phone, before)
        self._take(self.post("/auth/login", {"phone": phone, "code": code}))

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return dict(self._send("GET", path, params=query).json())

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        key = {"Idempotency-Key": uuid.uuid4().hex}
        return dict(self._send("POST", path, json=body or {}, headers=key).json())

    def upload(self, path: str, content: bytes, **form: str) -> dict[str, Any]:
        files = {"file": ("photo.jpg", content, "image/jpeg")}
        return dict(self._send("POST", path, files=files, data=form).json())

    def download(self, path: str) -> bytes:
        return self._send("GET", path).content

    def _send(self, method: str, path: str, **more: Any) -> requests.Response:
        answer = self._http.request(method, self.api + path, timeout=TIMEOUT, **more)
        if answer.status_code == 401 and self._refresh:
            self._swap()
            answer = self._http.request(method, self.api + path, timeout=TIMEOUT, **more)
        return _checked(answer)

    def _swap(self) -> None:
        body = {"refresh_token": self._refresh}
        answer = self._http.post(f"{self.api}/auth/refresh", json=body, timeout=TIMEOUT)
        self._take(_checked(answer).json())

    def _take(self, tokens: dict[str, Any]) -> None:
        self._http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        self._refresh = tokens["refresh_token"]


class Browser:
    """A member of staff in the back office: cookies, forms, and their tokens."""

    def __init__(self, base_url: str, username: str, password: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.username = username
        self._http = requests.Session()
        self._csrf = ""
        self.page("/login/")
        self.submit("/login/", username=username, password=password)

    def page(self, path: str, **query: Any) -> str:
        answer = self._http.get(self.base_url + path, params=query, timeout=TIMEOUT)
        return self._read(answer)

    def submit(self, path: str, **form: Any) -> requests.Response:
        """Send a form, with the token of the last page that had one."""
        answer = self._http.post(
            self.base_url + path, data={"csrf_token": self._csrf, **form}, timeout=TIMEOUT
        )
        if "text/html" in answer.headers.get("Content-Type", ""):
            refused = FLASHED.search(self._read(answer))
            if refused:
                told = re.sub(r"<[^>]+>|\s+", " ", refused.group(1)).strip()
                raise JourneyFailed(f"{self.username} was refused at {path}: {told}")
        return _checked(answer)

    def now(self) -> datetime:
        """The demo's time, as its clock page shows it."""
        page = self.page("/demo-clock/")
        shown = re.search(r'<time datetime="([^"]+)"', page)
        if shown is None:
            raise JourneyFailed("The page of the demo's clock shows no time.")
        return datetime.fromisoformat(shown.group(1))

    def _read(self, answer: requests.Response) -> str:
        text = _checked(answer).text
        token = TOKEN.search(text)
        if token:
            self._csrf = token.group(1)
        return text


def _checked(answer: requests.Response) -> requests.Response:
    if answer.ok:
        return answer
    request = answer.request
    raise JourneyFailed(
        f"{request.method} {request.path_url} answered {answer.status_code}: {_why(answer)}"
    )


def _why(answer: requests.Response) -> str:
    """The product's own sentence, or what a page or a gateway says."""
    try:
        error = answer.json()["error"]
        return f"{error['message']} ({error['code']})"
    except (ValueError, KeyError, TypeError):
        text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
        return " ".join(text.split())[:200]
