"""The customer's payment page, and what finance does with what it brought."""

import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import Approval, PaymentAttempt, PaymentVoucher
from app.services.money.payments.pages import page_url
from app.services.system import parameters
from app.views.qr import qr_svg
from tests import factories
from tests.money.support import again, count, order, put

pytestmark = pytest.mark.backends("sqlite")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
EN = {"Accept-Language": "en"}


@pytest.fixture
def unpaid(app):
    parameters.set_parameter("payment.methods", ["wechat", "alipay", "bank", "cash"], actor=SYSTEM)
    return order(factories.company(), 33_400)


@pytest.fixture
def at(unpaid):
    return page_url(unpaid.number).removeprefix("http://127.0.0.1:8080")


def press(client, at, method, **form):
    token = TOKEN.search(client.get(at).text).group(1)
    return client.post(f"{at}/{method}", data={"csrf_token": token, **form}, headers=EN)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "PNG")
    return out.getvalue()


def test_the_page_tells_what_is_to_be_paid_and_nothing_personal(client, unpaid, at):
    text = client.get(at, headers=EN).text

    assert "334.00" in text
    assert unpaid.number in text
    assert unpaid.contact_name not in text
    assert unpaid.address_detail not in text
    assert unpaid.contact_phone not in text
    for word in ("WeChat Pay", "Alipay", "Bank transfer", "Cash"):
        assert word in text
    assert "付款" in client.get(at).text
    assert "Payment" in client.get(f"{at}?lang=en").text


def test_a_wrong_token_and_no_order_look_the_same(client, at, unpaid):
    wrong = at[:-1] + ("a" if at[-1] != "a" else "b")
    answers = [
        client.get(wrong),
        client.get("/pay/D0000000000000/" + at.rsplit("/", 1)[1]),
        client.get(f"{wrong}/part"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert answers[0].text == answers[1].text
    assert unpaid.number not in answers[0].text


def test_a_code_is_drawn_once_and_survives_a_closed_browser(app, client, at, payment):
    assert press(client, at, "wechat").status_code == 303
    first = client.get(at).text
    press(client, at, "wechat")

    other = app.test_client().get(at).text

    attempt = db.session.scalars(sa.select(PaymentAttempt)).one()
    code = str(qr_svg(attempt.client_params["code_url"], ""))
    dark = re.search(r' d="([^"]+)"', code).group(1)
    assert dark in first
    assert dark in other


def test_the_waiting_part_asks_the_channel_and_ends_when_it_is_paid(
    client, at, unpaid, payment, clock
):
    press(client, at, "wechat")
    waiting = client.get(f"{at}/part")
    assert (waiting.status_code, "X-Ended" in waiting.headers) == (200, False)
    tag = {"If-None-Match": waiting.headers["ETag"]}
    assert client.get(f"{at}/part", headers=tag).status_code == 304
    payment.pay(db.session.scalar(sa.select(PaymentAttempt.out_trade_no)))
    # The channel is asked every few seconds, however many pages wait.
    assert "X-Ended" not in client.get(f"{at}/part").headers
    clock.travel(timedelta(seconds=5))

    paid = client.get(f"{at}/part", headers=EN)

    assert paid.headers["X-Ended"]
    assert "Thank you" in paid.text
    assert again(unpaid).status == "pending_dispatch"


def test_a_telephone_opens_the_channels_own_app(client, at, gateways):
    text = client.get(at).text
    agent = {"User-Agent": "Mozilla/5.0 (iPhone) Mobile/15E148", **EN}
    form = {"csrf_token": TOKEN.search(text).group(1)}
    client.post(f"{at}/alipay", data=form, headers=agent)

    (request,) = gateways.payment["alipay"].requests
    assert (request.scene, request.return_url.endswith(at)) == ("h5", True)
    assert 'href="http://127.0.0.1/pay/P' in client.get(at).text


def test_a_form_without_its_token_opens_nothing(app, client, at, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)

    assert client.post(f"{at}/wechat").status_code == 400
    assert count(PaymentAttempt) == 0


def test_what_cannot_be_paid_says_why(client, at, unpaid, clock):
    token = TOKEN.search(client.get(at).text).group(1)
    clock.travel(timedelta(hours=1))

    answer = client.post(f"{at}/wechat", data={"csrf_token": token}, headers=EN)

    assert answer.status_code == 422
    assert "The time to pay is over" in answer.text


def test_a_voucher_goes_from_the_customer_past_two_people_of_finance(
    client, at, unpaid, staff_client, clock
):
    press(client, at, "bank")
    sent = press(client, at, "voucher", file=(io.BytesIO(picture()), "v.png"))
    assert sent.status_code == 303
    assert "Voucher received" in client.get(at, headers=EN).text
    attempt = db.session.scalars(sa.select(PaymentAttempt)).one()
    key = db.session.scalar(sa.select(PaymentVoucher.key))

    finance = staff_client("finance")
    page = finance.get(f"/payments/show/{attempt.id}").text
    assert f"/payments/voucher/{key}" in page
    with finance.get(f"/payments/voucher/{key}") as shown:
        assert shown.data == picture()
    ask = f"/payments/ask/enter_transfer/{attempt.id}"
    form = {
        "csrf_token": TOKEN.search(finance.get(ask).text).group(1),
        "bank_number": "B20300506001",
        "amount": "334.00",
        "received_at": "2030-05-06T08:55",
    }
    finance.post(f"/payments/action/enter_transfer/{attempt.id}", data=form)

    asked = db.session.scalars(sa.select(Approval)).one()
    assert (asked.kind, asked.payload["amount_fen"]) == ("bank_transfer", 33_400)
    assert again(attempt).status == "pending"
    assert "B20300506001" in staff_client("finance").get(f"/approvals/show/{asked.id}").text


def test_a_voucher_is_seen_by_those_who_see_its_payment_only(client, at, staff_client):
    press(client, at, "bank")
    press(client, at, "voucher", file=(io.BytesIO(picture()), "v.png"))
    key = db.session.scalar(sa.select(PaymentVoucher.key))

    assert client.get(f"/payments/voucher/{key}").status_code == 302
    assert staff_client("hr").get(f"/payments/voucher/{key}").status_code in (302, 403)
    assert staff_client("finance").get("/payments/voucher/nothing").status_code == 404


def test_a_closed_order_says_so(client, at, unpaid):
    put(unpaid, status="closed")

    assert "This order is closed" in client.get(at, headers=EN).text
