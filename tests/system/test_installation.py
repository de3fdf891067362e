"""`flask init`: repeatable, and safe when two machines run it at once."""

import multiprocessing
import stat

import pytest
import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import PermissionView, Role, User

from app import create_app
from app.domain.regions_gz import REGIONS
from app.extensions import db
from app.models import Branch, CommissionRule, Installation, Region
from app.server import installation, permissions
from app.services import clock
from app.services.transactions import transaction
from tests.kit.isolation import other_engine
from tests.kit.settings import settings_for

COUNTED = (User, Role, PermissionView, Branch, Installation, Region, CommissionRule)


def counts():
    return {
        m.__name__: db.session.scalar(sa.select(sa.func.count()).select_from(m)) for m in COUNTED
    }


@pytest.fixture
def installed(app, installed_url):
    """The application on a database that was installed, from empty."""
    with other_engine(app, installed_url):
        yield app
        db.session.remove()


def test_an_empty_database_becomes_complete(app, empty_database):
    with other_engine(app, empty_database):
        done = installation.install(app)
        check_complete(done)
        db.session.remove()


def check_complete(done):
    assert done.migrated
    assert done.password_file.read_text().strip() == done.password
    assert stat.S_IMODE(done.password_file.stat().st_mode) == 0o600
    user = db.session.scalars(sa.select(User)).one()
    assert (user.username, [role.name for role in user.roles]) == ("admin", ["administrator"])
    assert db.session.scalars(sa.select(Branch.code)).all() == ["main"]
    assert db.session.scalars(sa.select(CommissionRule.valid_from)).all() == [clock.today()]


def test_an_empty_company_has_regions_and_a_commission_rule(installed):
    with installed.app_context():
        regions = dict(db.session.execute(sa.select(Region.code, Region.parent_code)).all())
        assert regions == {row.code: row.parent_code for row in REGIONS}
        rule = db.session.scalars(sa.select(CommissionRule)).one()
        assert (rule.code, rule.rate_bp, rule.active) == ("standard", 2000, True)


def test_what_the_company_has_corrected_stays(installed):
    with installed.app_context(), transaction() as session:
        session.scalars(sa.select(CommissionRule)).one().code = "own"
        session.scalars(sa.select(Region).filter_by(code="440103")).one().name = "荔湾"
        session.delete(session.scalars(sa.select(Region).filter_by(code="440118")).one())
    installation.install(installed)

    with installed.app_context():
        assert db.session.scalars(sa.select(CommissionRule.code)).all() == ["own"]
        names = dict(db.session.execute(sa.select(Region.code, Region.name)).all())
        assert (names["440103"], names["440118"]) == ("荔湾", "增城区")


def test_repeating_changes_nothing(installed, count_queries):
    with installed.app_context():
        before = counts()
    with count_queries() as statements:
        again = installation.install(installed)

    assert (again.migrated, again.password) == (False, None)
    assert not [s for s in statements if s.split()[0] in {"INSERT", "UPDATE", "DELETE", "CREATE"}]
    assert len(statements) <= 30  # two a role, and a handful
    with installed.app_context():
        assert counts() == before


def _install(folder, url, barrier):
    app = create_app(settings_for(folder, url))
    barrier.wait()
    installation.install(app)


# Two machines share a PostgreSQL; on SQLite a lock on the data folder keeps the second away.
@pytest.mark.proof
@pytest.mark.backends("postgresql")
def test_two_at_once_make_one_installation(empty_database, tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    rivals = [
        context.Process(target=_install, args=(tmp_path, empty_database, barrier)) for _ in range(2)
    ]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join(120)

    assert [rival.exitcode for rival in rivals] == [0, 0]
    engine = sa.create_engine(empty_database)
    with engine.connect() as connection:
        for table in ("ab_user", "branch", "installation"):
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 1
    engine.dispose()


def test_permissions_equal_what_the_code_offers(app):
    appbuilder = app.extensions["appbuilder"]
    with transaction() as session:
        stale = PermissionView(
            permission_id=session.scalar(sa.text("SELECT min(id) FROM ab_permission")),
            view_menu=appbuilder.sm.viewmenu_model(name="GoneView"),
        )
        session.add(stale)
        role = session.scalars(sa.select(Role).limit(1)).one()
        role.permissions.append(stale)
        session.flush()
        kept = session.scalars(sa.select(PermissionView.id).where(PermissionView.id != stale.id))
        session.execute(
            sa.text("DELETE FROM ab_permission_view_role WHERE permission_view_id = :id"),
            {"id": max(kept.all())},
        )

    assert permissions.sync(appbuilder)

    assert set(permissions._present(db.session())) == permissions.offered(appbuilder)
    assert not permissions.sync(appbuilder)


def test_every_view_offers_something(app):
    offered = {view for _, view in permissions.offered(app.extensions["appbuilder"])}

    assert {"OrderView", "RoleView"} & offered
