"""After a visit: photos, positions and free words go with the customer, papers with the worker."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import DBAPIError

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.geo import Point
from app.extensions import db
from app.jobs import prune
from app.models import (
    Attachment,
    AuditLog,
    Branch,
    Cancellation,
    CheckEvent,
    LocationPing,
    Offer,
    OrderEvent,
    PersonKey,
    VisitNote,
    Worker,
    WorkerAccount,
)
from app.services import clock
from app.services.customers import erasing as customers
from app.services.dispatch import answering, dispatching
from app.services.money import adjustments, settlement, withdrawals
from app.services.system import approvals, checks, notes
from app.services.visits import positions
from app.services.workers import approval, erasing, photos
from tests import factories
from tests.identity.test_erasing import everything
from tests.kit import clients
from tests.money import support
from tests.views import stage

WHY = "asked by letter"
NAME, WORDS, PAPER, HOLDER = "欧阳兰英", "兰英在荔湾的亲戚", "440105199901015432", "欧阳兰英的先生"
SPOKEN = "电话里说门口有狗"
S = "/api/staff/v1"
KEYS: list[str] = []  # of files that were there at the beginning


def staff(role: str) -> Actor:
    return Actor("staff", clients.add_staff(role).id)


@pytest.fixture(scope="module")
def served_made(once, company_made):
    """An order that was served, paid and reviewed; nothing of it is settled yet."""

    def make():
        company = company_made()
        worker = factories.worker(company, name=NAME)
        order = stage.served(stage.paid(company))
        visit = order.visits[0]
        factories.save(VisitNote(visit_id=visit.id, worker_id=worker.id, text=SPOKEN))
        positions.tell_position(worker.id, Point(*factories.HOME), actor=SYSTEM)
        return [order, worker]

    return once(make)


@pytest.fixture
def order(app, served_made):
    return served_made()[0]


@pytest.fixture
def worker(app, served_made):
    return served_made()[1]


def settle(order) -> None:
    """Its pay stands on a statement that finance has approved."""
    current_app.extensions["clock"].travel(timedelta(days=10))
    since, until = clock.today() - timedelta(days=29), clock.today() - timedelta(days=1)
    run = settlement.make_run(order.branch_id, since, until, actor=staff("finance"))
    asked = settlement.ask_approval(run.id, actor=staff("finance"))
    approvals.decide(asked.id, approve=True, actor=staff("finance"))


def erase_customer(order) -> None:
    asked = customers.ask_erasure(order.customer_id, WHY, actor=staff("service"))
    approvals.decide(asked.id, approve=True, actor=staff("operations"))
    db.session.expire_all()


def storage():
    return current_app.extensions["gateways"].storage


def files() -> list[str]:
    """Keys of stored photos and thumbnails of which the file can be opened."""
    kept = []
    for key in KEYS:
        try:
            storage().open(key).close()
        except NotFound:
            continue
        kept.append(key)
    return kept


@pytest.fixture
def pictures(order):
    rows = db.session.scalars(sa.select(Attachment)).all()
    for row in rows:  # files of an earlier test are gone for good
        columns = ("storage_key", "thumbnail_key")
        factories.change(row, **{one: storage().put(b"a photo").key for one in columns})
    KEYS[:] = [key for row in rows for key in (row.storage_key, row.thumbnail_key)]
    assert len(files()) == len(KEYS) == 6
    return rows


def test_photos_of_his_home_go_with_the_customer(order, pictures):
    settle(order)
    erase_customer(order)
    assert (db.session.scalars(sa.select(Attachment)).all(), files()) == ([], [])
    assert checks.run_all()["audit"].ok


def test_photos_stay_while_a_workers_pay_hangs_on_them(order, pictures, clock):
    erase_customer(order)
    prune.run()
    assert len(files()) == 6
    settle(order)
    prune.run()
    assert (db.session.scalars(sa.select(Attachment)).all(), files()) == ([], [])


@pytest.mark.backends("sqlite")
def test_photos_of_others_are_left_alone(order, pictures):
    settle(order)
    prune.run()
    assert len(files()) == 6


def test_words_and_places_go_out_of_what_is_never_changed(order):
    reason = "客户在电话里骂人"
    factories.save(
        Cancellation(
            order_id=order.id, party="customer", reason_code="other", reason=reason, step="free",
            actor_kind="staff", at=clock.now(),
        ),
        OrderEvent(
            order_id=order.id, kind="resolved", reason=reason, actor_kind="staff", at=clock.now()
        ),
    )  # fmt: skip
    kinds = sa.select(OrderEvent.kind, OrderEvent.at).order_by(OrderEvent.id)
    before = db.session.execute(kinds).all()
    settle(order)
    erase_customer(order)
    kept = everything()
    assert [words for words in (reason, SPOKEN, "很干净") if words in kept] == []
    assert db.session.execute(kinds).all() == before
    places = db.session.execute(sa.select(CheckEvent.lat, CheckEvent.lng)).all()
    assert {(lat, lng) for lat, lng in places} == {(23.1, 113.3)}
    with pytest.raises(DBAPIError), db.session.begin_nested():
        db.session.execute(sa.update(OrderEvent).values(reason="x"))


@pytest.mark.backends("sqlite")
def test_programs_of_customer_service_get_the_data_and_it_is_written_down(order):
    path, actor = f"{S}/customers/{order.customer_id}/export-data", clients.add_staff("service")
    answer = clients.by_token(actor).get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    tables = answer.json["tables"]
    assert (len(tables["customer_order"]), len(tables["attachment"])) == (1, 3)
    row = db.session.scalars(sa.select(AuditLog).filter_by(action="export")).one()
    assert (row.entity, row.entity_id) == ("customer_account", str(order.customer_id))
    assert row.actor_id == actor.id
    assert clients.by_token(clients.add_staff("operations")).get(path).status_code == 403
    elsewhere = factories.save(Branch(code="other", name="Other", city_code="440300"))
    stranger = clients.add_staff("service", branch_id=elsewhere.id)
    assert clients.by_token(stranger).get(path).status_code == 404


# The worker.


@pytest.fixture
def known(order, worker):
    """What is personal about her stands in every kind of row; her pay was settled."""
    settle(order)
    hr = staff("hr")
    factories.change(worker, introduction=WORDS)
    factories.change(worker.documents[0], number=PAPER)
    notes.add_note("worker", worker.id, WORDS, pinned=False, actor=hr)
    photos.change_photo(worker.id, stage.photo_bytes("#888"), actor=hr)
    KEYS[:] = [worker.photo_key]
    adjusted = adjustments.request_adjustment(worker.id, "reward", 1_000, reason=WORDS, actor=hr)
    asked = approvals.waiting_for("adjustment", adjusted.id)
    approvals.decide(asked.id, approve=False, actor=staff("finance"))
    return worker


def pay_out(worker) -> None:
    """She withdraws all that she has earned."""
    account = support.payout_account(worker, holder_name=HOLDER)
    fen = withdrawals.balance_of(worker.id).available_fen
    asked = withdrawals.apply_for(worker.id, fen, account.id, actor=factories.acting(worker))
    withdrawals.review(asked.id, actor=support.staff())
    withdrawals.send(asked.id, actor=support.staff())
    support.gateway().finish_transfer(asked.number)
    withdrawals.refresh(asked.id)


def erase(worker) -> None:
    asked = erasing.ask_erasure(worker.id, WHY, actor=staff("hr"))
    approvals.decide(asked.id, approve=True, actor=staff("operations"))
    db.session.expire_all()


def test_nothing_names_an_erased_worker_and_her_visits_and_pay_stay(known):
    phone, secrets = known.account.phone, (NAME, WORDS, PAPER, HOLDER)
    approval.leave(known.id, WHY, actor=staff("hr"))
    pay_out(known)
    told = str(erasing.data_of(known.id, actor=staff("hr")))
    assert [one for one in (NAME, WORDS, PAPER, phone) if one not in told] == []
    assert [one for one in (HOLDER, "openid-of-wang", "_fen") if one in told] == []
    money = sa.text("SELECT count(*), sum(balance_fen) FROM ledger_account")
    before = db.session.execute(money).one()
    erase(known)
    kept = everything()
    assert [one for one in (*secrets, phone, WHY) if one in kept] == []
    worker = db.session.get_one(Worker, known.id)
    assert (worker.name, worker.status, worker.photo_key) == (worker.number, "left", None)
    assert db.session.get_one(WorkerAccount, worker.account_id).status == "erased"
    assert (db.session.scalars(sa.select(LocationPing)).all(), files()) == ([], [])
    assert db.session.execute(money).one() == before
    keys = sa.select(PersonKey.wrapped).filter_by(kind="worker", person_id=worker.id)
    assert db.session.scalars(keys).all() == [None]
    assert [name for name, found in checks.run_all().items() if not found.ok] == []


def test_what_is_still_open_is_said(known):
    with pytest.raises(RuleViolation) as refused:
        erasing.ask_erasure(known.id, WHY, actor=staff("hr"))
    assert refused.value.code == "not_left"
    approval.leave(known.id, WHY, actor=staff("hr"))
    with pytest.raises(RuleViolation) as refused:
        erasing.ask_erasure(known.id, WHY, actor=staff("hr"))
    assert refused.value.code == "still_open"
    assert refused.value.details["open"] == ["应付人员款（可提现）"]
    withdrawal = support.reviewed(known, 15_920)
    with pytest.raises(RuleViolation) as refused:
        erasing.ask_erasure(known.id, WHY, actor=staff("hr"))
    assert refused.value.details["open"][0] == withdrawal.number


@pytest.mark.backends("sqlite")
def test_nobody_leaves_with_a_visit_to_come(company, worker):
    coming = stage.paid(company)
    dispatching.dispatch_order(coming.id, actor=SYSTEM)
    offer = db.session.scalars(sa.select(Offer).filter_by(order_id=coming.id)).one()
    answering.accept_offer(offer.id, worker.id, actor=factories.acting(worker))
    with pytest.raises(RuleViolation) as refused:
        approval.leave(worker.id, WHY, actor=staff("hr"))
    assert refused.value.details["open"] == [coming.number]


@pytest.mark.backends("sqlite")
def test_an_applicant_who_was_rejected_is_erased_and_may_apply_again(company, staff_client):
    gone = factories.worker(company, name=NAME, status="rejected", days=0)
    phone, page = gone.account.phone, staff_client("hr")
    file = page.post(f"/workerview/action/export_data/{gone.id}")
    assert (file.mimetype, phone in file.text) == ("application/json", True)
    page.post(f"/workerview/action/ask_erasure/{gone.id}", data={"reason": WHY})
    asked = approvals.waiting_for("worker", gone.id).id
    page.post(f"/approvals/action/approve/{asked}", data={})
    assert db.session.get_one(Worker, gone.id).name == NAME, "who asks does not decide"
    boss = staff_client("hr")
    assert boss.get(f"/approvals/show/{asked}").status_code == 200
    boss.post(f"/approvals/action/approve/{asked}", data={})
    answer = boss.get(f"/workerview/show/{gone.id}")
    assert (answer.status_code, NAME in answer.text) == (200, False)
    with pytest.raises(RuleViolation):
        photos.change_photo(gone.id, stage.photo_bytes("#888"), actor=SYSTEM)
    form = {"name": NAME, "kind": "contract", "branch": gone.branch_id, "level": 3, "daily_cap": 6}
    version = db.session.get_one(Worker, gone.id).version
    answer = boss.post(f"/workerview/edit/{gone.id}", data=form | {"version": version})
    assert answer.status_code in (403, 404, 422), answer.status_code
    assert db.session.get_one(Worker, gone.id).name == gone.number
    program = clients.by_token(page.staff)
    answer = program.get(f"{S}/workers/{gone.id}/export-data")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "erased")
