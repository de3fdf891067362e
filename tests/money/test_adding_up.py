"""Whatever orders, crews and rates there are: what goes in comes out, to the fen."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.states import OrderStatus
from app.models import Accrual
from app.services import clock as city
from app.services.money import settlement, withdrawals
from app.services.system import approvals, checks
from tests import factories
from tests.money.support import complete, order, pay, serve, staff

commissions = st.sampled_from([0, 1, 1_999, 2_000, 3_333, 9_999, 10_000])
crews = st.sets(st.integers(0, 3), min_size=1)
sales = st.lists(
    st.tuples(st.integers(1, 10**7), commissions, crews, st.booleans()), min_size=1, max_size=6
)


@pytest.fixture
def crew(company) -> list[Any]:
    return [factories.worker(company) for _ in range(4)]


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sold=sales)
def test_what_customers_pay_is_what_company_and_workers_get(company, crew, clock, db, sold):
    before = db.session.query(Accrual).count()
    had = [withdrawals.balance_of(worker.id).available_fen for worker in crew]
    for fen, rate, who, prepaid in sold:
        row = order(company, fen, commission_bp=rate, **({} if prepaid else LATER))
        if prepaid:
            pay(row)
        serve(row, *(crew[number] for number in sorted(who)))
        complete(row)
    clock.travel(timedelta(days=8))

    run = settlement.make_run(company.branch.id, city.today(), city.today(), actor=staff())
    approval = settlement.ask_approval(run.id, actor=staff())
    approvals.decide(approval.id, approve=True, actor=staff())

    db.session.expire_all()
    assert run.base_fen == sum(fen for fen, *_ in sold) == run.commission_fen + run.payable_fen
    assert db.session.query(Accrual).count() - before == sum(len(who) for _, _, who, _ in sold)
    gained = [withdrawals.balance_of(worker.id).available_fen for worker in crew]
    assert sum(gained) - sum(had) == run.payable_fen
    assert {name for name, found in checks.run_all().items() if not found.ok} == set()


LATER = {"status": OrderStatus.PENDING_DISPATCH.value, "pay_mode": "after", "pay_by_at": None}
