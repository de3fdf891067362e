"""Who sees what on an order's page."""

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.models import Attachment, Branch
from tests import factories
from tests.views.test_orders import page_of

pytestmark = pytest.mark.backends("sqlite")


def test_a_photo_opens_for_the_branch_of_its_order_only(built, staff_client):
    attachment = db.session.scalars(sa.select(Attachment).filter_by(kind="before")).one()
    key, home = attachment.key, built.company.branch.id
    other = factories.save(Branch(code="other", name="Other", city_code="440300")).id
    inside = staff_client("dispatcher", branch_id=home)
    outside = staff_client("dispatcher", branch_id=other)
    for suffix in ("", "?small=1"):
        answer = inside.get(f"/orders/photo/{key}{suffix}")
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        answer.close()
        assert outside.get(f"/orders/photo/{key}{suffix}").status_code == 404
    assert inside.get("/orders/photo/unknown").status_code == 404


def test_the_administrator_sees_the_story_but_no_money(built, staff_client):
    page = page_of(staff_client("administrator"), built.completed, "money")
    assert "What happened" in page
    assert "part=money" not in page
    assert "Ledger" not in page


def test_hr_reads_orders_but_neither_money_nor_dispatch_nor_the_customer(built, staff_client):
    client, order = staff_client("hr"), built.completed
    page = page_of(client, order)
    assert "part=money" not in page
    assert "part=dispatch" not in page
    for path in (f"/customerview/show/{order.customer_id}", "/payments/list/", "/offerview/list/"):
        assert client.get(path).status_code in {302, 403}, path
    assert client.post(f"/orders/action/reveal/{order.id}").status_code == 403


def test_customer_service_sees_the_payments_of_one_order_and_no_list_of_them(built, staff_client):
    client = staff_client("service")
    assert "WeChat Pay" in page_of(client, built.completed, "money")
    assert client.get("/payments/list/").status_code in {302, 403}


def test_only_finance_sees_how_an_order_stands_in_the_ledger(built, staff_client):
    key = built.completed
    assert "Customers&#39; prepayments" in page_of(staff_client("finance"), key, "money")
    page = page_of(staff_client("operations"), key, "money")
    assert "WeChat Pay" in page
    assert "Customers&#39; prepayments" not in page
