"""What people write in free words is kept under the key of whom it is about, and goes with it."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import Approval, AuditLog, Complaint, Incident, Note, Worker
from app.services import clock
from app.services.orders import disputes
from app.services.quality import complaints
from app.services.system import audit_reading, audit_seals, incidents, notes, parameters
from app.services.system.checks import CHECKS
from app.services.system.erasing import erase_from_audit
from app.services.transactions import transaction
from app.services.workers import approval
from tests import factories
from tests.kit import clients

SECRET = "住在三楼的林女士"
TABLES = ("note", "incident", "complaint", "approval")


@pytest.fixture
def order(app):
    company = factories.company(pay_mode="after")
    factories.worker(company)
    return factories.order(company)


@pytest.fixture
def staff(app):
    return Actor("staff", clients.add_staff("operations").id)


def asked_about(kind: str, key: int, staff_id: int) -> Approval:
    return Approval(
        kind="override", subject_kind=kind, subject_id=key, payload={"note": SECRET},
        summary=SECRET, reason=SECRET, asked_by_id=staff_id, expires_at=clock.now(),
    )  # fmt: skip


def written(order: Any, staff: Actor) -> None:
    """The same words in a note, an incident, a complaint and an approval, and some later ones."""
    note = notes.add_note("order", order.id, SECRET, actor=staff)
    incident = Incident(kind="damage", branch_id=order.branch_id, order_id=order.id, text=SECRET)
    factories.save(incident, asked_about("order", order.id, staff.id or 0))
    incidents.take(incident.id, actor=staff)
    incidents.solve(incident.id, SECRET, actor=staff)
    complaints.create(
        order.customer_id, order_id=order.id, category="quality", severity="high", text=SECRET,
        source="phone", actor=SYSTEM,
    )  # fmt: skip
    with transaction(staff) as session:
        session.get_one(Note, note.id).text = f"{SECRET}!"
        row = session.scalars(sa.select(Complaint)).one()
        row.proposal = row.result = SECRET


def rows_with(word: str) -> set[str]:
    """Tables whose audit rows say the word when they are opened for whoever may."""
    found = set()
    for row in db.session.scalars(sa.select(AuditLog)).all():
        told = audit_reading._read(row, lambda _column, value: value)
        if any(word in str((one.before, one.after)) for one in told):
            found.add(row.entity)
    return found


def test_free_words_are_read_with_the_persons_key_and_never_again_without(order, staff):
    written(order, staff)
    raw = db.session.execute(sa.text("SELECT entity, changes FROM audit_log")).all()
    assert [entity for entity, said in raw if "林女士" in str(said) or "\\u6797" in str(said)] == []
    persons = sa.select(AuditLog.person).where(AuditLog.entity.in_(TABLES), AuditLog.person != "")
    assert set(db.session.scalars(persons)) == {f"customer:{order.customer_id}"}
    assert rows_with(SECRET) == set(TABLES)
    audit_seals.seal_new()

    erase_from_audit(("customer", order.customer_id), actor=staff)

    assert rows_with(SECRET) == set()
    assert CHECKS["audit"](db.session()).ok, "no row is gone, none is altered"
    with transaction(staff) as session:
        session.scalars(sa.select(Note)).one().text = "later"
    assert rows_with("later") == set()


def test_a_verbs_reason_about_an_order_goes_with_its_customer(order, staff):
    """Facts stay plain; the words, in which the customer may be named, rest under his key."""
    with transaction(staff):
        disputes.hold(order, reason=SECRET, actor=staff)
    row = db.session.scalars(sa.select(AuditLog).filter_by(action="dispute")).one()
    assert (row.person, SECRET in str(row.changes)) == (f"customer:{order.customer_id}", False)
    assert "customer_order" in rows_with(SECRET)
    erase_from_audit(("customer", order.customer_id), actor=staff)
    assert rows_with(SECRET) == set()


def test_words_about_an_order_go_with_its_customer_and_with_its_worker(order, staff):
    """Either may be named there, so that one cover lies in the other."""
    lead = db.session.scalars(sa.select(Worker)).one()
    with transaction(staff):
        order.lead_worker_id = lead.id
    notes.add_note("order", order.id, SECRET, actor=staff)
    notes.add_note("customer", order.customer_id, SECRET, actor=staff)
    rows = db.session.scalars(sa.select(AuditLog).filter_by(entity="note")).all()
    customer = f"customer:{order.customer_id}"
    assert [row.person for row in rows] == [f"{customer},worker:{lead.id}", customer]
    assert [readable(row) for row in rows] == [True, True]

    erase_from_audit(("worker", lead.id), actor=staff)

    assert [readable(row) for row in rows] == [False, True]
    assert CHECKS["audit"](db.session()).ok


def readable(row: AuditLog) -> bool:
    told = audit_reading._read(row, lambda _column, value: value)
    return any(SECRET in str(one.after) for one in told)


def test_what_concerns_nobody_is_told_as_it_is(app, staff):
    factories.save(asked_about("parameter", 1, staff.id))
    assert rows_with(SECRET) == {"approval"}
    row = db.session.scalars(sa.select(AuditLog).filter_by(entity="approval")).one()
    assert (row.person, row.changes["reason"]) == ("", [None, SECRET])


def test_why_a_worker_was_suspended_goes_with_the_worker(app, staff):
    worker = factories.worker(factories.company())
    approval.suspend(worker.id, SECRET, actor=staff)
    row = db.session.scalars(sa.select(AuditLog).filter_by(action="suspend")).one()
    assert (row.person, SECRET in str(row.changes)) == (f"worker:{worker.id}", False)
    assert rows_with(SECRET) == {"worker"}
    erase_from_audit(("worker", worker.id), actor=staff)
    assert rows_with(SECRET) == set()
    assert db.session.get_one(Worker, worker.id).status == "suspended"


@pytest.mark.backends("sqlite")
def test_a_note_is_opened_by_who_may_reveal_the_customer(order, staff):
    notes.add_note("order", order.id, SECRET, actor=staff)
    key = db.session.scalars(sa.select(AuditLog.id).filter_by(entity="note")).one()
    both = clients.add_staff("operations", "both")
    with transaction(SYSTEM):
        both.roles.append(clients.add_staff("auditor").roles[0])
    client = clients.sign_in(both)
    client.get("/lang/en")
    assert SECRET not in client.get(f"/audit/show/{key}").text
    page = client.post(
        f"/audit/action/reveal/{key}", data={"reason": "complaint 12"}, follow_redirects=True
    )
    assert SECRET in page.text
    parameters.set_parameter("security.reveals_per_hour", 1, actor=SYSTEM)
    page = client.post(
        f"/audit/action/reveal/{key}", data={"reason": "complaint 12"}, follow_redirects=True
    )
    assert SECRET not in page.text, "a look here counts as one on the person's page"
