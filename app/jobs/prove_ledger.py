from app.domain.actors import SYSTEM
from app.jobs.context import job
from app.services.system import ledger_proofs
from app.services.system.job_runs import run_of


@job
def run(period: str | None = None) -> bool:
    """Prove the nine invariants of the ledger each night; what fails becomes an incident."""
    with run_of("prove_ledger", period, args=() if period is None else (period,)):
        return ledger_proofs.prove(actor=SYSTEM).whole
