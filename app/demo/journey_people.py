"""The customer and the worker of the journey, each with a client of their own."""

import random
from datetime import date, datetime, timedelta
from typing import Any

from app.demo import geography
from app.demo.journey_http import Client, Gateway, JourneyFailed, until
from app.demo.load_pictures import draw_room
from app.demo.people import DEMO_PHONE_PREFIX

DISTRICT = "440106"  # Tianhe, where most of the demo's cleaners go
DAYS_LOOKED_AHEAD = 7
NOTE = "家里有猫，请注意关门；厨房灶台后面的墙请重点清洁。"
REVIEW = "厨房擦得很亮，师傅准时又细心，下次还约。"
# service -> group -> option, or several options
WISHES: dict[str, dict[str, tuple[str, ...]]] = {
    "clean.kitchen": {"level": ("plus",), "focus": ("cabinets",), "supplies": ("eco",)},
    "clean.bathroom": {"rooms": ("n2",), "level": ("standard",), "supplies": ("eco",)},
}


class NothingFree(JourneyFailed):
    """The shifts that were planned are over: the clock has travelled past them."""


class Customer:
    """Somebody new with an unused number: 1283 to 1289, which the loader gives to nobody."""

    def __init__(self, base_url: str, gateway: Gateway, locale: str) -> None:
        self.client = Client(base_url, "customer", locale)
        self.gateway = gateway
        chance = random.SystemRandom()
        self.phone = f"{DEMO_PHONE_PREFIX}{chance.randint(3, 9)}{chance.randint(0, 10**7 - 1):07d}"
        self.home = geography.addresses(random.Random(7), 1, [DISTRICT])[0]
        self.address_id = 0
        self.services: list[dict[str, Any]] = []
        self.quote: dict[str, Any] = {}
        self.hold: dict[str, Any] = {}
        self.order: dict[str, Any] = {}
        self.payment: dict[str, Any] = {}

    def log_in(self) -> str:
        self.client.log_in(self.phone, self.gateway)
        return f"{self.phone} is in, a new customer"

    def add_address(self) -> str:
        body = {
            "region_code": self.home.district_code,
            "detail": f"{self.home.street}{self.home.detail}",
            "contact_name": "周女士",
            "contact_phone": self.phone,
            "position": {"lat": self.home.lat, "lng": self.home.lng, "datum": "gcj02"},
            "label": "家",
        }
        answer = self.client.post("/addresses", body)
        self.address_id = answer["id"]
        return f"{answer['region']['name']} {answer['detail']}"

    def list_services(self) -> str:
        self.services = self.client.get("/services", limit=50)["items"]
        return f"{len(self.services)} services, from {self.services[0]['name']} on"

    def ask_price(self) -> str:
        items = [self._item(code, wished) for code, wished in WISHES.items()]
        self.quote = self.client.post("/quotes", {"address_id": self.address_id, "items": items})
        names = " + ".join(item["name"] for item in self.quote["items"])
        lines, minutes = len(self.quote["lines"]), self.quote["minutes"]
        return f"{names}: {yuan(self.quote['total_fen'])}, {minutes} min, {lines} lines"

    def _item(self, code: str, wished: dict[str, tuple[str, ...]]) -> dict[str, Any]:
        service = self.client.get(f"/services/{code}")
        options = [
            {"option_id": option["id"]}
            for group in service["option_groups"]
            for option in group["options"]
            if option["code"] in wished.get(group["code"], ())
        ]
        return {"service_id": service["id"], "options": options}

    def hold_time(self, today: date) -> str:
        """The first free time from tomorrow on."""
        span = {"from": today + timedelta(days=1), "to": today + timedelta(days=DAYS_LOOKED_AHEAD)}
        days = self.client.get(f"/quotes/{self.quote['number']}/slots", **span)["days"]
        free = [slot for day in days for slot in day["slots"]]
        if not free:
            raise NothingFree(
                f"No time is free within {DAYS_LOOKED_AHEAD} days: {days[-1]['reason_text']}."
            )
        body = {"quote_number": self.quote["number"], "starts_at": free[0]["starts_at"]}
        self.hold = self.client.post("/holds", body)
        return f"{len(free)} free times; {self.hold['starts_at']} is kept"

    def place_order(self) -> str:
        body = {
            "hold_number": self.hold["number"], "quote_hash": self.hold["quote_hash"], "note": NOTE,
        }  # fmt: skip
        self.order = self.client.post("/orders", body)
        return f"{self.number}: {self.order['status_text']}"

    @property
    def number(self) -> str:
        return str(self.order["number"])

    def pay(self) -> str:
        self.payment = self.client.post(f"/orders/{self.number}/payments", {"method": "wechat"})
        self.gateway.pay(self.payment["number"])
        # The channel's notice alone must settle it: nobody asks the channel here.
        self.wait_for("pending_dispatch", "offered")
        return f"{yuan(self.payment['amount_fen'])} by {self.payment['number']}"

    def await_dispatch(self) -> str:
        self.wait_for("offered")
        return f"{self.number}: {self.order['status_text']}"

    def wait_for(self, *statuses: str) -> None:
        def find() -> dict[str, Any] | None:
            order = self.look()
            return order if order["status"] in statuses else None

        until(f"order {self.number} to be {' or '.join(statuses)}", find)

    def look(self) -> dict[str, Any]:
        self.order = self.client.get(f"/orders/{self.number}")
        return self.order

    def confirm(self) -> str:
        self.client.post(f"/orders/{self.number}/confirm")
        return f"{self.number}: {self.look()['status_text']}"

    def review(self) -> str:
        stars = {"quality": 5, "attitude": 5, "skill": 4}
        self.client.post(f"/orders/{self.number}/review", {**stars, "text": REVIEW})
        return f"{stars}: {REVIEW}"


class Worker:
    """Whoever was asked."""

    def __init__(self, base_url: str, gateway: Gateway, locale: str, phone: str) -> None:
        self.client = Client(base_url, "worker", locale)
        self.gateway = gateway
        self.phone = phone
        self.visit_id = 0
        self.visit: dict[str, Any] = {}
        self.statement: dict[str, Any] = {}
        self.withdrawal: dict[str, Any] = {}

    def log_in(self) -> str:
        self.client.log_in(self.phone, self.gateway)
        me = self.client.get("/me")
        return f"{me['number']} {me['name']}, {self.phone}"

    def accept(self, order_number: str) -> str:
        offers = self.client.get("/offers", limit=50)["items"]
        mine = [offer for offer in offers if offer["order_number"] == order_number]
        if not mine:
            raise JourneyFailed(f"The worker sees no offer of order {order_number}.")
        self.visit_id = self.client.post(f"/offers/{mine[0]['id']}/accept")["visit_id"]
        self.visit = self.client.get(f"/visits/{self.visit_id}")
        return f"{len(offers)} offers; took that which earns {yuan(mine[0]['earns_fen'])}"

    @property
    def planned_start(self) -> datetime:
        return datetime.fromisoformat(self.visit["planned_start"])

    @property
    def planned_end(self) -> datetime:
        return datetime.fromisoformat(self.visit["planned_end"])

    def depart(self) -> str:
        return self._move("depart", {})

    def check_in(self) -> str:
        return self._move("check-in", {"position": self.visit["address"]["position"]})

    def take_photos(self, kind: str, number: int) -> str:
        """Different pictures: the same file again would be the same photo."""
        taken = []
        for _one in range(number):
            content = draw_room(random.Random(), tidy=kind == "after")
            photo = self.client.upload(f"/visits/{self.visit_id}/photos", content, kind=kind)
            taken.append(f"{photo['size_bytes']} bytes, sha256 {photo['sha256'][:12]}…")
        return "; ".join(taken)

    def check_out(self) -> str:
        return self._move("check-out", {"position": self.visit["address"]["position"]})

    def _move(self, verb: str, body: dict[str, Any]) -> str:
        done = self.client.post(f"/visits/{self.visit_id}/{verb}", body)
        return f"visit {done['id']}: {done['status_text']}"

    def read_statement(self, order_number: str) -> str:
        """The newest statement, that must name the order, and its PDF."""
        newest = self.client.get("/statements", limit=1)["items"]
        if not newest:
            raise JourneyFailed("The worker has no statement.")
        self.statement = self.client.get(f"/statements/{newest[0]['number']}")
        if order_number not in {line["order_number"] for line in self.statement["lines"]}:
            raise JourneyFailed(f"The newest statement does not name order {order_number}.")
        return f"{self.statement['number']}: {yuan(self.statement['payable_fen'])}"

    def download_statement(self) -> bytes:
        content = self.client.download(f"/statements/{self.statement['number']}/pdf")
        if not content.startswith(b"%PDF-") or b"/FontFile2" not in content:
            raise JourneyFailed("The statement is no PDF with an embedded font.")
        return content

    def confirm_statement(self) -> str:
        answer = self.client.post(f"/statements/{self.statement['number']}/confirm")
        return f"{answer['number']}: {answer['status_text']}"

    def withdraw(self, amount_fen: int) -> str:
        accounts = self.client.get("/payout-accounts")["items"]
        body = {"amount_fen": amount_fen, "payout_account_id": accounts[0]["id"]}
        self.withdrawal = self.client.post("/withdrawals", body)
        return f"{self.withdrawal['number']}: {yuan(amount_fen)}, {self.withdrawal['status_text']}"

    def take_money(self) -> str:
        """The channel asks the worker, and its notice tells the product."""
        number = self.withdrawal["number"]
        self.gateway.confirm_transfer(number)

        def find() -> dict[str, Any] | None:
            known = self.client.get(f"/withdrawals/{number}")
            return known if known["status"] == "paid" else None

        self.withdrawal = until(f"withdrawal {number} to be paid", find)
        return f"{number}: {self.withdrawal['status_text']}"


def yuan(fen: int) -> str:
    return f"¥{fen / 100:,.2f}"
