"""The demo's reference data in a company that `flask init` has already given some."""

import pytest
import sqlalchemy as sa

from app.demo.load_reference import guangzhou, load_reference
from app.domain.actors import SYSTEM
from app.domain.regions_gz import REGIONS
from app.extensions import db
from app.models import CommissionRule, Region
from app.server import installation
from app.services import clock
from app.services.transactions import transaction


@pytest.mark.backends("sqlite")
def test_what_the_installation_has_added_is_used(app):
    with transaction() as session:
        installation._add_regions(session)
        rule = CommissionRule(**installation.DEFAULT_RULE, valid_from=clock.today())
        session.add(rule)

    reference = load_reference(guangzhou(), clock.today(), SYSTEM)

    assert set(reference.regions) == {row.code for row in REGIONS}
    assert db.session.scalar(sa.select(sa.func.count(Region.id))) == len(REGIONS)
    assert db.session.scalars(sa.select(CommissionRule)).one().valid_from < clock.today()
