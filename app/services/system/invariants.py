"""The nine invariants of the ledger, each proved by queries over the whole database, with figures.

`flask check ledger` prints them; the job prove_ledger and the page of the auditors keep each run.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.domain.errors import N_
from app.domain.money import yuan
from app.services.system import checks


@dataclass(frozen=True)
class Invariant:
    """`parts` are names of checks; `told` is its line of figures."""

    number: int
    says: str
    told: str
    parts: tuple[str, ...]


@dataclass
class Proof:
    """What one invariant said: `figures` of all its parts, `failures` by part."""

    number: int
    ok: bool
    figures: dict[str, int] = field(default_factory=dict)
    failures: dict[str, list[Any]] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        1,
        N_("Every journal balances, in whole fen"),
        N_(
            "%(journals)s journals, %(postings)s postings: debit %(debit_fen)s = credit"
            " %(credit_fen)s; %(accounts)s accounts are the sums of their postings"
        ),
        ("journals_balance", "balances_are_sums"),
    ),
    Invariant(
        2,
        N_("Per order, what was paid is explained"),
        N_(
            "captured %(captured_fen)s - refunded %(refunded_fen)s - refunds due"
            " %(refunds_due_fen)s - recognised %(recognised_fen)s + reversed %(reversed_fen)s"
            " - fees %(fees_fen)s + compensated %(compensated_fen)s + subsidies %(subsidies_fen)s"
            " = prepaid %(prepaid_fen)s - owed %(owed_fen)s"
        ),
        ("orders_are_explained", "payments_are_booked", "refunds_are_booked"),
    ),
    Invariant(
        3,
        N_("Nobody's available money is below zero, unless flagged"),
        N_(
            "%(workers)s workers: available %(available_fen)s, owed by workers %(negative_fen)s,"
            " %(flagged)s flagged"
        ),
        ("available_is_not_negative", "minimums_hold", "frozen_is_unsettled", "debts_are_carried"),
    ),
    Invariant(
        4,
        N_("Per channel, what it holds for us is explained, also by its bills"),
        N_(
            "captured %(captured_fen)s - refunded %(refunded_fen)s - paid out %(paid_out_fen)s ="
            " clearing %(clearing_fen)s; moved by bills and by hand %(otherwise_fen)s;"
            " %(bills)s bills with %(bill_lines)s lines, open differences %(open_fen)s"
        ),
        ("clearing_is_explained", "bills_agree", "withdrawals_are_booked", "payouts_are_booked"),
    ),
    Invariant(
        5,
        N_("Statements are the postings of their period"),
        N_(
            "statements %(statements_fen)s = their lines %(lines_fen)s + adjustments"
            " %(adjusted_fen)s + carried on %(carried_fen)s; approved %(approved_fen)s"
            " = postings %(postings_fen)s"
        ),
        ("statements_add_up", "settled_is_booked"),
    ),
    Invariant(
        6,
        N_("A sealed month does not change"),
        N_("%(sealed_months)s sealed months with %(sealed_journals)s journals"),
        ("sealed_periods_stand",),
    ),
    Invariant(
        7,
        N_("One journal per business key, and none is missing"),
        N_("%(journals)s journals, %(keys)s keys; %(facts)s facts are booked"),
        ("one_journal_a_fact",),
    ),
    Invariant(
        8,
        N_("Refunds never exceed what was captured"),
        N_("refunds decided %(decided_fen)s = %(refunds_fen)s, none above its payment"),
        ("refunds_within_payments",),
    ),
    Invariant(
        9,
        N_("The parts add up to the whole"),
        N_(
            "orders %(orders_fen)s = their lines %(lines_fen)s; earned %(base_fen)s = commission"
            " %(commission_fen)s + workers %(workers_fen)s; refunds %(spread_fen)s = their parts"
            " %(allocations_fen)s"
        ),
        (
            "lines_add_up",
            "completed_orders_are_earned",
            "allocations_add_up",
            "reversals_are_adjusted",
        ),
    ),
)
# What the failing rows of a check are; an order where nothing is said.
ABOUT: Mapping[str, str] = {
    "journals_balance": "journal",
    "balances_are_sums": "ledger_account",
    "minimums_hold": "ledger_account",
    "available_is_not_negative": "worker",
    "frozen_is_unsettled": "worker",
    "debts_are_carried": "worker",
    "reversals_are_adjusted": "worker",
    "withdrawals_are_booked": "worker",
    "settled_is_booked": "worker",
    "clearing_is_explained": "channel",
    "bills_agree": "channel_bill",
    "statements_add_up": "settlement_run",
    "sealed_periods_stand": "period_seal",
    "one_journal_a_fact": "journal_key",
    "refunds_within_payments": "payment_attempt",
    "allocations_add_up": "payment_attempt",
}


def prove(session: Session) -> list[Proof]:
    """Run all nine."""
    return [_proof(session, invariant) for invariant in INVARIANTS]


def told(proof: Proof, sentence: str) -> str:
    """The line of figures in the words of `sentence`; fen as yuan, counts with thousands.

    A run that was kept before a figure was counted has a dash in its place.
    """
    figures = defaultdict(lambda: "–")
    for name, value in proof.figures.items():
        figures[name] = yuan(value) if name.endswith("_fen") else f"{value:,}"
    return sentence % figures


def _proof(session: Session, invariant: Invariant) -> Proof:
    proof = Proof(invariant.number, ok=True)
    wrong = 0
    for name in invariant.parts:
        found = checks.CHECKS[name](session)
        wrong += found.figures["wrong"]
        # Of two parts with a figure of one name the first is told.
        proof.figures = found.figures | proof.figures
        if not found.ok:
            proof.ok = False
            proof.failures[name] = found.failures
    proof.figures["wrong"] = wrong
    return proof
