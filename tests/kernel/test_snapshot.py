"""Many reads of one moment, whatever others commit meanwhile."""

import threading

import sqlalchemy as sa

from app.extensions import db
from app.models import Skill
from app.services.transactions import snapshot, transaction


def test_what_is_committed_meanwhile_is_not_seen_until_the_snapshot_ends(real_app):
    def rival():
        with real_app.app_context(), transaction() as session:
            session.add(Skill(code="new", name="new"))

    count = sa.select(sa.func.count(Skill.id))
    with real_app.app_context():
        with snapshot() as session:
            assert session.scalar(count) == 0
            thread = threading.Thread(target=rival)
            thread.start()
            thread.join()
            assert session.scalar(count) == 0
        assert db.session.scalar(count) == 1
