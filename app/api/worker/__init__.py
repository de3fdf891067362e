"""What the workers' client asks for: /api/worker/v1."""

from app.api.worker.auth import WorkerAuthApi
from app.api.worker.cash import CashApi
from app.api.worker.me import WorkerMeApi
from app.api.worker.moves import WorkerMoveApi
from app.api.worker.offers import OfferApi
from app.api.worker.payout_accounts import PayoutAccountApi
from app.api.worker.statements import StatementApi
from app.api.worker.visit_troubles import VisitTroubleApi
from app.api.worker.visits import VisitApi
from app.api.worker.withdrawals import WithdrawalApi

APIS = (
    WorkerAuthApi, WorkerMeApi, OfferApi, VisitApi, WorkerMoveApi, VisitTroubleApi, StatementApi, PayoutAccountApi,
    WithdrawalApi, CashApi,
)  # fmt: skip
