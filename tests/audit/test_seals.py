"""The chain over the audit log finds what somebody does behind the triggers' back."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import AuditLog, AuditSeal, Skill, guards
from app.services import audit
from app.services.system import audit_retention, audit_rows, audit_seals
from app.services.system.audit_seals import Head, seal_new
from app.services.system.audit_spans import gaps, merged, missing, spans_of
from app.services.system.checks_audit import audit_is_whole
from app.services.transactions import transaction

OPS = Actor("staff", 3)
LOG = AuditLog.__table__
SEAL = AuditSeal.__table__


def write(count, word="probe"):
    """Audit rows; their ids."""
    with transaction(OPS):
        for number in range(count):
            audit.record(word, "thing", number, {"n": number}, actor=OPS)
    rows = sa.select(AuditLog.id).filter_by(action=word).order_by(AuditLog.id)
    return list(db.session.scalars(rows))


@pytest.fixture
def ids(app):
    """Nine rows in three seals, after one with what the installation wrote."""
    seal_new()
    made = []
    for batch in range(3):
        made += write(3, f"probe{batch}")
        assert seal_new() == 3
    return made


def behind_the_triggers(*statements):
    with transaction(SYSTEM) as session:
        connection = session.connection()
        with guards.lifted(connection, "audit_log"), guards.lifted(connection, "audit_seal"):
            for statement in statements:
                connection.execute(statement)
    db.session.expire_all()


def finding():
    return audit_is_whole(db.session())


def failures():
    found = finding()
    assert found.ok == (not found.failures) == (not found.figures["wrong"])
    return "\n".join(found.failures)


def one(key):
    return dict(db.session.execute(sa.select(LOG).where(LOG.c.id == key)).mappings().one())


def newest():
    return db.session.scalar(sa.select(sa.func.max(AuditSeal.id)))


def seal_again(number):
    """What somebody who knows the recipe does after a change: all seals from `number` anew."""
    seals = db.session.execute(sa.select(SEAL).order_by(SEAL.c.id)).mappings().all()
    previous = next(seal["hash"] for seal in seals if seal["id"] == number - 1)
    statements = [sa.delete(SEAL).where(SEAL.c.id >= number)]
    for seal in (dict(seal) for seal in seals if seal["id"] >= number):
        rows = [
            row
            for row in db.session.execute(sa.select(LOG).order_by(LOG.c.id)).mappings()
            if any(first <= row["id"] <= last for first, last in seal["spans"])
        ]
        whole = audit_seals.hashlib.sha256(b"".join(map(audit_rows.digest, rows)))
        spans = [list(span) for span in spans_of(row["id"] for row in rows)]
        seal |= {"previous_hash": previous, "rows_hash": whole.hexdigest(), "spans": spans}
        seal["rows"] = len(rows)
        previous = seal["hash"] = audit_seals.hash_of(seal)
        statements.append(sa.insert(SEAL).values(**seal))
    behind_the_triggers(*statements)


def test_an_untouched_log_is_whole(ids):
    write(2, "late")
    found = finding()
    assert (found.ok, found.failures) == (True, [])
    figures = found.figures
    assert (figures["seals"], figures["unsealed"], figures["wrong"]) == (4, 2, 0)
    assert figures["sealed"] == db.session.scalar(sa.select(sa.func.count(LOG.c.id))) - 2


@pytest.mark.parametrize("place", [0, 4, 8], ids=["old", "middle", "newest"])
def test_a_removed_row_is_found(ids, place):
    behind_the_triggers(sa.delete(LOG).where(LOG.c.id == ids[place]))
    assert f"removed: row {ids[place]}" in failures()


@pytest.mark.parametrize("place", [0, 4, 8], ids=["old", "middle", "newest"])
@pytest.mark.parametrize(
    "change",
    [
        {"actor_id": 4}, {"address": "1.2.3.4"}, {"changes": {"n": 99}}, {"entity_id": "99"},
        {"action": "x"}, {"person": "customer:1"}, {"mark": "f" * 64}, {"actor_kind": "worker"},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_an_altered_row_is_found(ids, place, change):
    behind_the_triggers(sa.update(LOG).where(LOG.c.id == ids[place]).values(**change))
    assert f"row {ids[place]} is not what the application wrote" in failures()
    assert "its rows are not those that were sealed" in failures()


def test_a_row_with_another_time_is_found(ids):
    earlier = one(ids[8])["at"] - timedelta(microseconds=1)
    behind_the_triggers(sa.update(LOG).where(LOG.c.id == ids[8]).values(at=earlier))
    assert f"row {ids[8]} is not" in failures()


def test_a_row_that_changed_places_is_found(ids):
    behind_the_triggers(
        sa.update(LOG).where(LOG.c.id == ids[1]).values(id=-1),
        sa.update(LOG).where(LOG.c.id == ids[8]).values(id=ids[1]),
        sa.update(LOG).where(LOG.c.id == -1).values(id=ids[8]),
    )
    assert "its rows are not those that were sealed" in failures()


def test_an_inserted_row_is_found_before_and_after_it_is_sealed(ids):
    forged = one(ids[4]) | {"id": ids[8] + 1, "actor_id": 99}
    behind_the_triggers(sa.insert(LOG).values(**forged))
    assert f"row {forged['id']} is not what the application wrote" in failures()
    seal_new()
    assert f"row {forged['id']} is not what the application wrote" in failures()


def test_an_inserted_copy_of_a_row_is_found(ids):
    copy = one(ids[4]) | {"id": ids[8] + 1}
    behind_the_triggers(sa.insert(LOG).values(**copy))
    assert failures() == f"row {copy['id']} is a copy of an earlier row"


def test_a_row_without_a_mark_is_found_where_rows_have_marks(ids):
    behind_the_triggers(sa.insert(LOG).values(**one(ids[4]) | {"id": ids[8] + 1, "mark": ""}))
    assert f"row {ids[8] + 1} is not what the application wrote" in failures()


def test_an_altered_row_is_found_before_it_is_sealed(app):
    key = write(1)[0]
    behind_the_triggers(sa.update(LOG).where(LOG.c.id == key).values(actor_id=4))
    assert failures() == f"row {key} is not what the application wrote"


def test_a_cut_of_the_newest_seal_is_found_by_the_exported_head(ids):
    last = newest()
    behind_the_triggers(
        sa.delete(LOG).where(LOG.c.id.in_(ids[6:])), sa.delete(SEAL).where(SEAL.c.id == last)
    )
    told = f"cut: the chain ends at {last - 1}, seal {last} is known"
    assert failures() == told
    write(2, "after")
    assert seal_new() == 2
    assert failures() == f"seal {last} is not the one that was exported"


def test_a_cut_seal_without_its_rows_is_found(ids):
    last = newest()
    behind_the_triggers(sa.delete(SEAL).where(SEAL.c.id == last))
    assert f"seal {last} is known" in failures()
    assert finding().figures["unsealed"] == 3


def test_a_seal_that_is_taken_out_of_the_middle_is_found(ids):
    behind_the_triggers(
        sa.delete(LOG).where(LOG.c.id.in_(ids[3:6])), sa.delete(SEAL).where(SEAL.c.id == 3)
    )
    assert failures() == "seal 4 does not follow seal 2"


@pytest.mark.parametrize("change", [{"rows": 2}, {"sealed_at": None}, {"rows_hash": "0" * 64}])
def test_an_altered_seal_is_found(ids, change, clock):
    change = {name: value or clock.now() + timedelta(1) for name, value in change.items()}
    behind_the_triggers(sa.update(SEAL).where(SEAL.c.id == 3).values(**change))
    assert "seal 3 is not what was sealed" in failures()


def test_a_log_that_is_sealed_anew_is_found_by_the_exported_head(ids):
    kept = audit_seals.head()
    behind_the_triggers(sa.delete(LOG).where(LOG.c.id == ids[4]))
    seal_again(3)
    assert failures() == f"seal {newest()} is not the one that was exported"
    assert not audit_seals.is_in_chain(kept)
    audit_seals.head_file().unlink()
    assert failures() == ""  # only who keeps the head elsewhere can tell


def test_a_head_that_is_not_in_the_chain_is_never_overwritten(ids):
    kept = audit_seals.exported_head()
    behind_the_triggers(sa.delete(SEAL).where(SEAL.c.id == newest()))
    seal_new()
    assert audit_seals.exported_head() == kept


def test_a_damaged_file_of_the_head_is_found(ids):
    audit_seals.head_file().write_text("[]")
    assert failures() == "The file of the head is damaged"


def test_the_head_follows_the_chain(ids):
    before = audit_seals.exported_head()
    write(1, "more")
    seal_new()
    assert before == Head(4, db.session.get_one(AuditSeal, 4).hash)
    assert json.loads(audit_seals.head_file().read_text())["seal"] == 5
    assert Head.parse(str(audit_seals.head())) == audit_seals.exported_head()


@pytest.mark.parametrize("text", ["", "4", "x:" + "0" * 64, "4:00"])
def test_what_is_no_head_is_refused(text):
    with pytest.raises(ValueError, match="A head is"):
        Head.parse(text)


def test_large_logs_are_sealed_in_batches(app):
    seal_new()
    made = write(7)
    assert seal_new(batch=3) == 7
    seals = db.session.scalars(sa.select(AuditSeal).order_by(AuditSeal.id)).all()[1:]
    assert [seal.rows for seal in seals] == [3, 3, 1]
    assert merged(span for seal in seals for span in seal.spans) == [(made[0], made[-1])]
    assert seal_new() == 0
    assert failures() == ""


@pytest.mark.parametrize("thorough", [True, False])
def test_a_row_of_a_late_commit_is_sealed_by_a_later_batch(ids, thorough):
    late, copied = one(ids[4]), write(3, "around")
    behind_the_triggers(sa.delete(LOG).where(LOG.c.id == copied[1]))
    seal_new()
    row = late | {"id": copied[1], "entity_id": "late"}
    row["mark"] = audit_rows.mark_of(row)
    behind_the_triggers(sa.insert(LOG).values(**row))
    assert finding().figures["unsealed"] == 1
    assert seal_new(thorough=thorough) == 1
    seal = db.session.get_one(AuditSeal, newest())
    assert (seal.spans, seal.last_id) == ([[copied[1], copied[1]]], copied[2])
    assert (seal_new(), failures()) == (0, "")


def test_a_row_far_behind_is_found_by_the_thorough_sealing(ids, monkeypatch):
    monkeypatch.setattr(audit_seals, "LOOKS_BACK", 1)
    copied = write(2, "around")
    behind_the_triggers(sa.delete(LOG).where(LOG.c.id == copied[0]))
    seal_new()
    row = one(copied[1]) | {"id": copied[0], "entity_id": "late"}
    row["mark"] = audit_rows.mark_of(row)
    for word in ("one", "two"):
        write(1, word)
        seal_new()
    behind_the_triggers(sa.insert(LOG).values(**row))
    assert seal_new() == 0
    assert seal_new(thorough=True) == 1
    assert failures() == ""


@pytest.mark.backends("postgresql")
def test_a_transaction_that_ends_late_is_not_skipped(real_app):
    """Its row has a lower id than rows that were sealed while it was open."""
    seal_new()
    row = {name: value for name, value in one(1).items() if name != "id"} | {"entity_id": "late"}
    row["mark"] = audit_rows.mark_of(row)
    with db.engine.connect() as other:
        late = other.execute(sa.insert(LOG).values(**row).returning(LOG.c.id)).scalar_one()
        early = write(1)[0]
        assert (late < early, seal_new()) == (True, 1)
        other.commit()
    assert finding().figures["unsealed"] == 1
    assert seal_new() == 1
    assert db.session.get_one(AuditSeal, newest()).spans == [[late, late]]
    assert failures() == ""


def test_old_batches_go_and_the_chain_stays_whole(ids, clock):
    clock.travel(timedelta(days=5 * 366 - 1))
    write(2, "young")
    seal_new()
    clock.travel(timedelta(days=2))
    before = db.session.scalar(sa.select(sa.func.count(LOG.c.id)))
    assert audit_retention.prune() == before - 2
    left = db.session.scalars(sa.select(AuditLog.action).order_by(AuditLog.id)).all()
    assert left == ["young", "young", "prune"]
    assert newest() == 5
    assert audit_retention.pruned_to(db.session()) == 4
    assert failures() == ""
    assert audit_retention.prune() == 0
    assert set(guards.installed(db.session.connection())) >= guards.expected(db.engine.dialect.name)


def test_the_log_still_refuses_changes_after_pruning(ids, clock):
    clock.travel(timedelta(days=5 * 366 + 1))
    audit_retention.prune()
    with pytest.raises(sa.exc.DBAPIError, match="append_only"), transaction(SYSTEM) as session:
        session.execute(sa.delete(LOG))


def test_a_removal_that_pretends_to_be_pruning_is_found(ids):
    told = one(ids[8]) | {
        "id": ids[8] + 1, "action": "prune", "entity": "audit_seal", "entity_id": "3",
    }  # fmt: skip
    spans = [span for number in (1, 2, 3) for span in db.session.get_one(AuditSeal, number).spans]
    gone = sa.or_(*(LOG.c.id.between(first, last) for first, last in spans))
    behind_the_triggers(sa.delete(LOG).where(gone), sa.insert(LOG).values(**told))
    assert f"removed: row {ids[0]}" in failures()


def test_a_row_in_a_pruned_batch_is_found(ids, clock):
    row = one(ids[0])
    clock.travel(timedelta(days=5 * 366 + 1))
    audit_retention.prune()
    behind_the_triggers(sa.insert(LOG).values(**row))
    assert f"row {ids[0]} was added to seal 2, which was pruned" in failures()


def test_spans():
    assert spans_of([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]
    assert merged([(7, 7), (1, 3), (4, 5), (2, 2)]) == [(1, 5), (7, 7)]
    assert list(gaps([(3, 5), (8, 9)], 0)) == [(1, 2), (6, 7), (10, None)]
    assert list(gaps([(3, 5), (8, 9)], 6)) == [(7, 7), (10, None)]
    assert missing([(1, 5), (8, 9)], [1, 3, 4, 8, 9]) == [(2, 2), (5, 5)]
    assert missing([(1, 2)], []) == [(1, 2)]


def test_a_skill_that_is_added_is_sealed_with_the_rest(app):
    seal_new()
    with transaction(OPS) as session:
        session.add(Skill(code="x", name="x", name_en="x"))
    assert (seal_new(), failures()) == (1, "")
