"""One order from the log-in to the withdrawal, by every endpoint; each answer as described."""

import io
from datetime import date, timedelta

import pytest

from app.domain.actors import Actor
from app.services.money import settlement, withdrawals
from app.services.system import approvals
from app.services.visits import checking
from tests import factories
from tests.api.after_all import is_over
from tests.api.comes_again import comes_again
from tests.api.conftest import offered
from tests.api.described import DescribedClient, Description
from tests.api.support import ENDPOINTS
from tests.kit import clients
from tests.views.stage import photo_bytes

C, W = "/api/customer/v1", "/api/worker/v1"
PHONE = "13800000001"
EN = {"Accept-Language": "en"}
HOME = {"lat": 23.133, "lng": 113.268, "datum": "gcj02"}


class Company:
    """The two clients of a journey, and those who act in between."""

    def __init__(self, app, sms, queue, clock, payment):
        self.sms, self.queue, self.clock, self.payment = sms, queue, clock, payment
        self.rows = factories.company()
        self.worker = factories.worker(self.rows)
        self.worker_phone = self.worker.account.phone
        self.description = Description()
        self.nobody = DescribedClient(app.test_client(), self.description)

    def signed_in(self, token):
        return DescribedClient(clients.with_token(token), self.description)

    def log_in(self, base, phone):
        """By text message, then with fresh tokens."""
        self.nobody.post(f"{base}/auth/code", json={"phone": phone})
        self.queue.run_all()
        body = {"phone": phone, "code": self.sms.last_code()}
        pair = self.nobody.post(f"{base}/auth/login", json=body).json
        body = {"refresh_token": pair["refresh_token"]}
        return self.signed_in(
            self.nobody.post(f"{base}/auth/refresh", json=body).json["access_token"]
        )


@pytest.fixture
def stage(app, sms, queue, clock, payment, demo):
    return Company(app, sms, queue, clock, payment)


@pytest.mark.backends("sqlite")  # on PostgreSQL an order goes the whole way in `make serve`
def test_every_endpoint_does_and_answers_what_its_description_says(stage, picture):
    customer = stage.log_in(C, PHONE)
    looks_around(customer)
    quote, hold = chooses(stage, customer)
    number = orders(stage, customer, quote, hold)
    worker = stage.log_in(W, stage.worker_phone)
    visit_id = is_taken(stage, customer, worker, number)
    customer, worker = is_served(stage, picture, visit_id, number)
    is_praised(customer, number)
    worker = is_settled(stage, worker)
    is_withdrawn(stage, worker)
    stage.nobody.get("/api/openapi.json")
    headers, body = stage.payment.notice("payment", stage.payment.payments[stage.paid])
    answer = stage.nobody.post("/api/pay/wechat/notice", data=body, headers=headers)
    assert answer.json == {"code": "SUCCESS", "message": ""}
    refused = stage.nobody.post("/api/pay/alipay/notice", data=b"sign=x")
    assert (refused.status_code, refused.text) == (200, "failure")
    customer = customer_of(stage)
    pays_by_hand(customer, worker, picture, number, visit_id)
    is_over(customer, worker, number, visit_id)
    comes_again(stage, customer)
    for client, base in ((customer, C), (worker, W)):
        assert client.post(f"{base}/auth/logout").status_code == 204
    tags = {"/api/customer/v1": "customer", "/api/worker/v1": "worker", "/api": "public"}
    missing = {f"{tags[e.base]}_{e.name}" for e in ENDPOINTS} ^ stage.description.seen
    assert not missing, sorted(missing)


def looks_around(customer):
    assert customer.patch(f"{C}/me", json={"name": "王女士"}).json["name"] == "王女士"
    me = customer.patch(f"{C}/me", json={"locale": "en"}).json
    assert (me["name"], me["locale"], me["phone"]) == ("王女士", "en", PHONE)
    assert customer.get(f"{C}/me").json == me
    (region,) = regions = customer.get(f"{C}/regions", headers=EN).json["items"]
    assert region == {
        "code": "440104", "parent_code": "440100", "name": "Yuexiu", "served": True,
        "position": {"lat": 23.129, "lng": 113.264, "datum": "gcj02"},
    }  # fmt: skip
    assert customer.get(f"{C}/regions?parent=440100", headers=EN).json["items"] == regions
    assert customer.get(f"{C}/regions?parent=440300").json["items"] == []
    categories = customer.get(f"{C}/categories").json["items"]
    assert categories == [{"code": "daily", "parent_code": None, "name": "日常保洁"}]
    for sort, codes in (
        ("position", ["clean.home", "appliance.aircon"]),
        ("price", ["appliance.aircon", "clean.home"]),
        ("-price", ["clean.home", "appliance.aircon"]),
    ):
        services = customer.get(f"{C}/services?sort={sort}&category=daily").json["items"]
        assert [service["code"] for service in services] == codes
    assert customer.get(f"{C}/services?category=other").json["items"] == []
    assert customer.get(f"{C}/coupons").json == {"items": [], "next_cursor": None}
    service = customer.get(f"{C}/services/clean.home").json
    assert service["option_groups"][0]["options"][0]["price_fen"] == 1500


def chooses(stage, customer):
    body = {
        "region_code": "440104", "detail": "人民北路 1 号 101", "contact_name": "王女士",
        "contact_phone": PHONE, "position": HOME, "access_note": "门铃坏了",
    }  # fmt: skip
    address = customer.post(f"{C}/addresses", json=body).json
    assert address["position"] == HOME
    spare = customer.post(f"{C}/addresses", json={**body, "label": "公司"}).json
    assert customer.delete(f"{C}/addresses/{spare['id']}").status_code == 204
    assert customer.get(f"{C}/addresses").json == {"items": [address], "next_cursor": None}
    wishes = [
        {"service_id": stage.rows.cleaning.id, "options": [{"option_id": stage.rows.eco.id}]},
        {"service_id": stage.rows.aircon.id, "quantity": 2},
    ]
    quote = customer.post(f"{C}/quotes", json={"address_id": address["id"], "items": wishes}).json
    assert [line["amount_fen"] for line in quote["lines"]] == [19900, 1500, 24000]
    assert (quote["total_fen"], quote["minutes"]) == (45400, 240)
    assert customer.get(f"{C}/quotes/{quote['number']}").json == quote
    return quote, keeps(stage, customer, quote)


def keeps(stage, customer, quote):
    slots = f"{C}/quotes/{quote['number']}/slots"
    days = customer.get(f"{slots}?from=2030-05-06&to=2030-05-07").json["days"]
    assert [day["on"] for day in days] == ["2030-05-06", "2030-05-07"]
    # The lead time is two hours; the way home takes the last half hour.
    starts = [slot["starts_at"] for slot in days[0]["slots"]]
    assert starts[0] == "2030-05-06T11:00:00+08:00"
    far = customer.get(f"{slots}?from=2030-06-30&to=2030-06-30", headers=EN).json["days"]
    assert far == [
        {
            "on": "2030-06-30", "slots": [], "withheld": [], "reason": "past_horizon",
            "reason_text": "Not open for booking yet",
        }
    ]  # fmt: skip
    withheld = days[0]["withheld"][-1]
    assert withheld == {
        "starts_at": "2030-05-06T16:00:00+08:00", "reason": "off_shift",
        "reason_text": "该时段无人当班",
    }  # fmt: skip
    who = customer.get(f"{C}/workers?service=clean.home").json["items"]
    assert [one["number"] for one in who] == [stage.worker.number]
    assert customer.get(f"{C}/workers/{stage.worker.number}").json == who[0]
    assert customer.get(f"{C}/workers/{stage.worker.number}/photo").status_code == 404
    liked = customer.post(f"{C}/favourites", json={"worker": stage.worker.number}).json
    assert customer.get(f"{C}/favourites").json["items"] == [liked]
    assert customer.delete(f"{C}/favourites/{liked['id']}").status_code == 204
    now = customer.get(f"{C}/quotes/{quote['number']}/now", headers=EN).json
    assert (now["slots"], now["reason"]) == ([], "nobody_near")
    mine = customer.get(f"{slots}?from=2030-05-07&to=2030-05-07&worker={stage.worker.number}")
    wanted = {"quote_number": quote["number"], "starts_at": "2030-05-07T14:00:00+08:00"}
    assert wanted["starts_at"] in [s["starts_at"] for s in mine.json["days"][0]["slots"]]
    first = customer.post(f"{C}/holds", json=wanted).json
    assert (first["status"], first["seconds_left"]) == ("live", 900)
    assert customer.delete(f"{C}/holds/{first['number']}").status_code == 204
    assert customer.get(f"{C}/holds/{first['number']}").json["seconds_left"] == 0
    hold = customer.post(f"{C}/holds", json={**wanted, "worker": stage.worker.number}).json
    stage.clock.travel(timedelta(minutes=5))
    assert customer.get(f"{C}/holds/{hold['number']}").json["seconds_left"] == 600
    return hold


def orders(stage, customer, quote, hold):
    body = {"hold_number": hold["number"], "quote_hash": quote["hash"], "note": "请轻一点"}
    changed = customer.post(f"{C}/orders", json={**body, "quote_hash": "0" * 64})
    assert changed.json["error"]["code"] == "quote_changed"
    order = customer.post(f"{C}/orders", json=body, headers=EN).json
    assert (order["status"], order["status_text"]) == ("pending_payment", "To be paid")
    assert order["actions"] == ["pay", "edit", "cancel"]
    assert (order["worker"], order["visits"][0]["code"]) == (None, None)
    number: str = order["number"]
    changes_its_mind(customer, number, quote)
    assert customer.get(f"{C}/orders/{number}/payments").json["error"]["code"] == "no_payment"
    payment = customer.post(f"{C}/orders/{number}/payments", json={"method": "wechat"}).json
    assert (payment["status"], payment["amount_fen"]) == ("pending", 45400)
    assert payment["client_params"]["code_url"].startswith("weixin://")
    assert customer.get(f"{C}/orders/{number}/payments").json["status"] == "pending"
    stage.paid = payment["number"]
    stage.payment.pay(stage.paid)
    assert customer.get(f"{C}/orders/{number}/payments").json["status"] == "succeeded"
    stage.queue.run_all()
    listed = customer.get(f"{C}/orders?status=offered").json["items"]
    assert [row["number"] for row in listed] == [number]
    assert customer.get(f"{C}/orders?status=completed").json["items"] == []
    return number


def changes_its_mind(customer, number, quote):
    """What it did not see is not done; what cancelling costs is told before."""
    at = f"{C}/orders/{number}"
    wrong = {"quote_number": quote["number"], "quote_hash": "0" * 64}
    assert customer.post(f"{at}/edit", json=wrong).json["error"]["code"] == "quote_changed"
    shown = customer.get(f"{at}/cancellation").json
    assert (shown["step"], shown["price_fen"], shown["fee_fen"]) == ("unpaid", 45400, 0)
    refused = customer.post(f"{at}/cancel", json={"hash": "0" * 64}).json["error"]
    assert (refused["code"], refused["details"]["fee_fen"]) == ("changed_since_shown", 0)
    for what in ("refunds", "add-ons"):
        assert customer.get(f"{at}/{what}").json == {"items": [], "next_cursor": None}


def is_taken(stage, customer, worker, number):
    assert worker.post(f"{W}/position", json={"position": HOME}).status_code == 204
    me = worker.get(f"{W}/me").json
    assert (me["number"], me["rating"], me["balance"]["available_fen"]) == (
        stage.worker.number, None, 0,
    )  # fmt: skip
    assert "*" in me["phone"]
    reasons = worker.get(f"{W}/reject-reasons", headers=EN).json["items"]
    assert {"code": "unwell", "text": "I am unwell"} in reasons
    offer = worker.get(f"{W}/offers").json["items"][0]
    assert (offer["order_number"], offer["earns_fen"], offer["seconds_left"]) == (
        number, 36320, 600,
    )  # fmt: skip
    rejects_another(stage)
    taken = worker.post(f"{W}/offers/{offer['id']}/accept").json
    assert taken["status"] == "accepted"
    assert worker.get(f"{W}/offers").json["items"] == []
    order = customer.get(f"{C}/orders/{number}", headers=EN).json
    assert (order["status"], order["actions"]) == ("accepted", ["move", "cancel"])
    assert order["worker"]["phone"] == stage.worker_phone
    assert order["visits"][0]["code"] == checking.visit_code(taken["visit_id"])
    assert [event["text"] for event in order["timeline"]] == [
        "You ordered", "Payment started", "Payment received", "We are asking a worker",
        "A worker has accepted",
    ]  # fmt: skip
    return taken["visit_id"]


def rejects_another(stage):
    """Somebody is asked for another order, and declines."""
    offer, _visit = offered(factories.order(stage.rows, factories.tomorrow(9)))
    asked = stage.signed_in(clients.worker_token(offer.worker))
    body = {"reason_code": "unwell", "reason_text": "感冒"}
    answer = asked.post(f"{W}/offers/{offer.id}/reject", json=body)
    assert answer.json == {"offer_id": offer.id, "status": "rejected", "visit_id": None}
    again = asked.post(f"{W}/offers/{offer.id}/reject", json=body)
    assert (again.status_code, again.json["error"]["code"]) == (409, "offer_over")


def pays_by_hand(customer, worker, picture, number, visit_id):
    """What nobody owes any more is neither sent nor taken; tests/money does the rest."""
    form = {"file": (io.BytesIO(picture), "voucher.jpg")}
    sent = customer.post(
        f"{C}/orders/{number}/payments/vouchers", data=form, content_type="multipart/form-data"
    )
    assert sent.json["error"]["code"] == "no_payment"
    taken = worker.post(f"{W}/visits/{visit_id}/cash", json={"amount_fen": 45400})
    assert taken.json["error"]["code"] == "method_not_offered"


def is_served(stage, picture, visit_id, number):
    stage.clock.instant = factories.at(date(2030, 5, 7), 13, 0)
    worker = stage.signed_in(clients.worker_token(stage.worker))
    schedule = worker.get(f"{W}/visits?from=2030-05-07&to=2030-05-07").json["items"]
    assert [(row["id"], row["order_number"]) for row in schedule] == [(visit_id, number)]
    visit = worker.get(f"{W}/visits/{visit_id}").json
    assert (visit["address"]["contact_phone"], visit["note"]) == (PHONE, "请轻一点")
    assert visit["address"]["position"] == HOME
    assert "113.268000,23.133000" in visit["address"]["navigation_url"]
    assert visit["items"][0]["options"] == ["环保清洁剂"]
    at = f"{W}/visits/{visit_id}"
    assert worker.post(f"{at}/depart", json={"position": HOME}).json["status"] == "en_route"
    assert (
        worker.post(f"{at}/check-in", json={"position": HOME}).json["error"]["code"] == "too_early"
    )
    stage.clock.instant = factories.at(date(2030, 5, 7), 13, 40)
    worker = stage.signed_in(clients.worker_token(stage.worker))
    # The same numbers, meant as satellite's: half a kilometre away.
    far = worker.post(f"{at}/check-in", json={"position": {**HOME, "datum": "wgs84"}})
    assert far.json["error"]["code"] == "outside_geofence"
    code = checking.visit_code(visit_id)
    started = worker.post(f"{at}/check-in", json={"code": code}).json
    assert started["checked_in_at"] == "2030-05-07T13:40:00+08:00"
    customer = is_added_to(stage, worker, at, number)
    early = worker.post(f"{at}/check-out").json["error"]
    assert (early["code"], early["details"].get("found")) == ("photos_missing", 0)
    photos = [send_photo(worker, at, picture).json for _twice in range(2)]
    assert photos[0] == photos[1]
    assert worker.get(at).json["photos"] == photos[:1]
    for kind, colour in (("before", "#743"), ("after", "#4b8")):
        send_photo(worker, at, photo_bytes(colour), kind)
    assert worker.post(f"{at}/check-out").json["status"] == "done"
    return customer, worker


def is_added_to(stage, worker, at, number):
    """Two additions for nothing: one is agreed to, one is not."""
    wish = {"kind": "other", "name": "擦一下冰箱", "amount_fen": 0}
    first, second = (worker.post(f"{at}/add-ons", json=wish).json for _ in range(2))
    customer, asked = customer_of(stage), f"{C}/orders/{number}/add-ons"
    assert customer.post(f"{asked}/{first['id']}/approve").json["status"] == "approved"
    assert customer.post(f"{asked}/{second['id']}/refuse").json["status"] == "refused"
    owed = customer.post(f"{asked}/{first['id']}/dispute", json={"text": "没说要钱"})
    assert owed.json["error"]["code"] == "nothing_to_pay"
    listed = customer.get(asked).json["items"]
    assert [row["id"] for row in listed] == [second["id"], first["id"]]
    return customer


def send_photo(worker, at, picture, kind="after"):
    form = {"kind": kind, "file": (io.BytesIO(picture), "../../etc/passwd")}
    return worker.post(f"{at}/photos", data=form, content_type="multipart/form-data")


def customer_of(stage):
    """Logged in again: the tokens of yesterday have ended."""
    return stage.log_in(C, PHONE)


def is_praised(customer, number):
    order = customer.get(f"{C}/orders/{number}").json
    assert (order["actions"], order["visits"][0]["code"]) == (["dispute", "confirm"], None)
    early = customer.post(f"{C}/orders/{number}/review", json=STARS)
    assert early.json["error"]["code"] == "not_completed"
    done = customer.post(f"{C}/orders/{number}/confirm").json
    assert done["status"] == "completed"
    assert customer.get(f"{C}/orders/{number}").json["actions"] == ["dispute", "review"]
    assert customer.post(f"{C}/orders/{number}/review", json=STARS).json["text"] == "很好"
    again = customer.post(f"{C}/orders/{number}/review", json=STARS)
    assert (again.status_code, again.json["error"]["code"]) == (409, "already_reviewed")
    order = customer.get(f"{C}/orders/{number}").json
    assert (order["actions"], order["review"]["quality"]) == (["dispute"], 5)
    assert (order["worker"]["rating"], order["worker"]["rating_count"]) == (4.0, 1)
    kinds = [row["kind"] for row in customer.get(f"{C}/notifications").json["items"]]
    assert kinds == [
        "visit.done", "add_on.proposed", "add_on.proposed", "visit.started", "visit.departed",
        "order.accepted",
    ]  # fmt: skip


STARS = {"quality": 5, "attitude": 4, "skill": 4, "text": "很好"}


def is_settled(stage, worker):
    assert worker.get(f"{W}/me").json["balance"]["frozen_fen"] == 36320
    assert worker.get(f"{W}/notifications").json["items"]
    stage.clock.travel(timedelta(days=10))
    worker = stage.signed_in(clients.worker_token(stage.worker))
    clerk, chief = (Actor("staff", clients.add_staff("finance", name).id) for name in "ab")
    run = settlement.make_run(
        stage.rows.branch.id, date(2030, 5, 1), date(2030, 5, 16), actor=clerk
    )
    assert worker.get(f"{W}/statements").json["items"] == []
    assert worker.get(f"{W}/adjustments").json["items"] == []
    approval = settlement.ask_approval(run.id, actor=clerk)
    approvals.decide(approval.id, approve=True, actor=chief)
    statement = worker.get(f"{W}/statements").json["items"][0]
    assert (statement["payable_fen"], statement["status"]) == (36320, "approved")
    at = f"{W}/statements/{statement['number']}"
    assert [line["worker_fen"] for line in worker.get(at).json["lines"]] == [36320]
    disputed = worker.post(f"{at}/dispute", json={"text": "少了一单"}).json
    assert disputed["status"] == "disputed"
    assert worker.post(f"{at}/confirm").json["status"] == "confirmed"
    assert worker.get(f"{at}/pdf").data.startswith(b"%PDF")
    return worker


def is_withdrawn(stage, worker):
    body = {"channel": "wechat", "holder_name": "王师傅", "account": "openid-of-wang"}
    account = worker.post(f"{W}/payout-accounts", json=body).json
    assert account["account_tail"] == "wang"
    assert worker.get(f"{W}/payout-accounts").json["items"] == [account]
    wish = {"amount_fen": 9999, "payout_account_id": account["id"]}
    low = worker.post(f"{W}/withdrawals", json=wish)
    assert low.json["error"]["code"] == "below_minimum"
    asked = worker.post(f"{W}/withdrawals", json={**wish, "amount_fen": 20000}).json
    balance = worker.get(f"{W}/me").json["balance"]
    assert (balance["available_fen"], balance["in_transit_fen"]) == (16320, 20000)
    assert worker.get(f"{W}/withdrawals").json["items"] == [asked]
    sends(asked["number"])
    waiting = worker.get(f"{W}/withdrawals/{asked['number']}").json
    assert (waiting["status"], bool(waiting["client_params"])) == ("waiting_for_payee", True)
    stage.payment.finish_transfer(asked["number"])
    assert worker.get(f"{W}/withdrawals/{asked['number']}").json["status"] == "paid"


def sends(number):
    import sqlalchemy as sa

    from app.extensions import db
    from app.models import Withdrawal

    withdrawal_id = db.session.scalars(sa.select(Withdrawal.id).filter_by(number=number)).one()
    one, two = (Actor("staff", clients.add_staff("finance", name).id) for name in "cd")
    withdrawals.review(withdrawal_id, actor=one)
    withdrawals.send(withdrawal_id, actor=two)
