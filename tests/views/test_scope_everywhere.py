"""Staff of a branch and an agency's login read nothing of others: a sample (`make proof`: all)."""

import random
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.models import Favourite, SettlementRun
from app.reports.settlement import figures
from app.reports.settlement.run import run_facts
from app.security import ROLES
from app.services import access
from app.services.system import notes
from tests.kit import clients
from tests.permissions import branches, reaching

pytestmark = pytest.mark.backends("sqlite")
SEED, DRAWN = 20300506, 6  # of each role


@pytest.fixture(scope="module")
def built(once):
    return once(branches.build)


@pytest.fixture
def two(app, built):
    return built()


def client_of(user):
    client = clients.sign_in(user)
    client.get("/lang/en")  # Chinese is then what people have typed
    return client


@pytest.mark.crawler(every=4)
@pytest.mark.parametrize("role", ROLES)
def test_a_sample_of_addresses_tells_nothing_of_another_branch(two, role):
    user = two.staff(role)
    actor = Actor("staff", user.id)
    foreign = branches.out_of_reach(actor)
    assert {two.home.completed.number, two.home.lead.name} <= foreign
    looks = reaching.looks(role, actor)
    drawn = random.Random(f"{SEED}{role}").sample(looks, DRAWN)
    assert reaching.told(drawn, user, foreign) == {}


def test_a_customer_of_two_branches_is_told_to_each_without_the_other(two):
    customer, home = two.away.customer.id, two.home
    user = two.staff("service")
    there, here = Actor("staff", user.id), Actor("staff", clients.add_staff("service").id)
    assert [note.text for note in notes.notes_on("customer", customer, actor=here)] == ["先打电话"]
    own = notes.add_note("customer", customer, "南沙有门禁", actor=there)
    assert own.branch_id == two.away.branch.id
    favourite = db.session.scalars(sa.select(Favourite)).one()
    assert favourite.worker_id == home.lead.id

    page = client_of(user).get(f"/customerview/show/{customer}").text

    assert "南沙有门禁" in page
    assert two.served.number in page
    for text in ("先打电话", home.lead.name, home.completed.number):
        assert text not in page
    stats = page.split('class="stats"')[1].split("</div>\n</div>")[0]
    assert "1 completed" in stats
    assert "0 open" in stats, "the complaint is the other branch's"


@pytest.mark.parametrize(
    ("role", "lookup"),
    [
        ("hr", "/workerareaview/lookup/area"),
        ("finance", "/taxlineview/lookup/statement"),
        ("finance", "/refundallocationview/lookup/refund"),
        ("finance", "/billitemview/lookup/bill"),
        ("finance", "/differenceview/lookup/run"),
    ],
)
def test_nobody_chooses_among_rows_of_others(two, role, lookup):
    own = {"中心区": "南沙片区"} if role == "hr" else {}
    suggested = client_of(two.staff(role)).get(lookup).json["results"]
    assert {one["text"] for one in suggested} == set(own.values())


def test_the_books_in_a_branchs_workbook_are_its_own(two):
    run = run_facts(db.session.scalars(sa.select(SettlementRun.id)).one())
    run = replace(run, period_to=date(2030, 12, 31))
    whole, home, away = (
        {row.code: row.closing_fen for row in figures.balances(replace(run, books_of=branch))}
        for branch in (None, two.home.company.branch.id, two.away.branch.id)
    )
    assert ("suspense" in whole, "suspense" in away) == (True, False)
    assert sum(home.values()) == sum(away.values()) == sum(whole.values()) == 0
    earned = [books["commission_income"] for books in (home, away, whole)]
    assert earned[0] + earned[1] == earned[2]
    assert 0 not in earned


def test_a_partners_start_page_counts_its_own(two):
    page = " ".join(client_of(two.staff("partner")).get("/").text.split())
    one = '{}</span><span class="stat-value">{}</span>'
    assert one.format("Workers", 1) in page
    assert one.format("Leave asked for", 0) in page, "the other branch's worker asked"
    assert "Unassigned" not in page


def test_a_partner_reads_of_a_worker_only_what_is_his_to_read(two):
    user = two.staff("partner")
    actor = Actor("staff", user.id)
    workers = db.session.scalars(
        sa.select(branches.Worker).where(access.condition(branches.Worker, actor))
    ).all()
    assert [worker.name for worker in workers] == ["李南沙"]
    page = client_of(user).get(f"/workerview/show/{workers[0].id}").text
    assert "Rating" in page
    for text in ("Complaints", "Documents", "Balance"):
        assert text not in page
