"""Loading the demo: once, and anew after an interruption."""

import fcntl
import shutil
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.demo import loader
from app.extensions import db
from app.models import Branch, CustomerAccount, Installation, JobRun
from app.server import demo_load, installation
from app.services.transactions import transaction
from tests.kit.settings import settings_for

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def settings(tmp_path):
    return settings_for(tmp_path, f"sqlite:///{tmp_path}/app.db", DEMO=True)


@pytest.fixture
def company(tmp_path, installed_url):
    """An installation that has no demo."""
    app = create_app(settings_for(tmp_path, installed_url, DEMO=True))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def start(settings, installed_url):
    """What a start does with the demo. One application is as good as one a start, and cheaper;
    so is a copy of what `flask init` makes of nothing.
    """
    path = Path(settings["DATA_DIR"], "app.db")
    apps: list[Flask] = []

    def let_go():
        for app in apps:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()

    def start(**changes):
        wanted = settings | changes
        let_go()
        demo_load.forget_half(wanted)
        if not path.exists():
            shutil.copyfile(installed_url.removeprefix("sqlite:///"), path)
        app = apps[0] if apps else create_app(wanted)
        apps[:] = [app]
        app.config["DEMO"] = wanted["DEMO"]
        installation.install(app)
        demo_load.complete(app, "tiny")
        return app

    yield start
    let_go()


@pytest.fixture
def loads(monkeypatch):
    """Loads that are quick; the first is interrupted."""
    done = []

    def load(scale):
        with transaction() as session:
            session.add(Branch(code="demo", name="x", city_code="440100"))
        done.append(scale)
        if len(done) == 1:
            raise KeyboardInterrupt
        with transaction() as session:
            session.get(Installation, 1).demo_seeded_on = date(2030, 5, 6)

    monkeypatch.setattr(loader, "load", load)
    return done


def test_an_interrupted_load_begins_anew(start, loads, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        start()
    (tmp_path / "files").mkdir()
    start()
    app = start()

    assert loads == ["tiny", "tiny"]
    assert not (tmp_path / "files").exists()
    with app.app_context():
        assert installation.demo_is_loaded()


def test_what_was_there_before_the_load_is_never_deleted(start, loads, settings):
    company = start(DEMO=False)
    with company.app_context():
        user = {"username": "boss", "first_name": "", "last_name": "", "email": "b@localhost"}
        security = company.extensions["appbuilder"].sm
        with transaction() as session:
            session.add(security.user_model(**user))
    with pytest.raises(KeyboardInterrupt):
        start()

    with pytest.raises(demo_load.HalfLoaded, match="make demo-reset"):
        start()
    with pytest.raises(demo_load.HalfLoaded):
        start(DEMO=False)

    assert loads == ["tiny"]
    assert Path(settings["DATA_DIR"], "app.db").exists()


def test_nothing_is_forgotten_without_the_demos_setting(start, loads):
    with pytest.raises(KeyboardInterrupt):
        start()

    with pytest.raises(demo_load.HalfLoaded):
        start(DEMO=False)


def test_two_starters_load_one_after_the_other(company, tmp_path, monkeypatch):
    held = []

    def load(scale):
        with (
            pytest.raises(BlockingIOError),
            (tmp_path / "install.lock").open("a") as file,
        ):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held.append(scale)

    monkeypatch.setattr(loader, "load", load)
    demo_load.complete(company)

    assert held == ["small"]


@pytest.mark.parametrize("scale", ["city", "large"])
def test_a_large_demo_refuses_a_database_that_somebody_uses(company, loads, scale):
    with company.app_context(), transaction() as session:
        branch = session.scalars(sa.select(Branch)).first()
        session.add(CustomerAccount(branch_id=branch.id, name="老客"))
    with pytest.raises(demo_load.OtherData, match="other data"):
        demo_load.complete(company, scale)
    assert loads == []
    with company.app_context():
        assert db.session.scalars(sa.select(JobRun)).all() == []
