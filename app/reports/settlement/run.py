"""What a settlement run says of itself, and who put their names to it."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _l

from app.domain.errors import NotFound
from app.extensions import db
from app.models import Approval, Branch, SettlementRun
from app.reports.text import clean

APPROVAL_KIND = "settlement_run"


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody who took a step, and when. Empty while the step is still to come."""

    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    number: str
    branch_id: int
    branch: str
    period_from: date
    period_to: date
    status: str
    base_fen: int
    commission_fen: int
    payable_fen: int
    made: Signature
    reviewed: Signature
    approved: Signature
    approved_by_maker: bool
    books_of: int | None = None  # the branch whose journals the ledger shows; None: all

    @property
    def period(self) -> str:
        return f"{self.period_from:%Y-%m-%d} – {self.period_to:%Y-%m-%d}"


def run_facts(run_id: int) -> Run:
    """Read a run. Raises NotFound; the caller has checked who may see it."""
    row = db.session.execute(
        sa.select(SettlementRun, Branch.name)
        .join(Branch, Branch.id == SettlementRun.branch_id)
        .where(SettlementRun.id == run_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(_l("There is no such settlement run"), id=run_id)
    run, branch = row
    return Run(
        run.id, run.number, run.branch_id, clean(branch), run.period_from, run.period_to,
        run.status, run.base_fen, run.commission_fen, run.payable_fen,
        made=Signature(staff_name(run.made_by_id), run.created_at),
        reviewed=_reviewed(run),
        approved=_approved(run),
        approved_by_maker=run.approved_by_id == run.made_by_id,
    )  # fmt: skip


def staff_name(user_id: int | None) -> str:
    """A colleague as documents name him: Chinese names without a space, surname first."""
    user = db.session.get(User, user_id) if user_id else None
    if user is None:
        return ""
    first, last = clean(user.first_name or "").strip(), clean(user.last_name or "").strip()
    if (first + last).isascii():
        return f"{first} {last}".strip() or clean(user.username)
    return last + first


def _reviewed(run: SettlementRun) -> Signature:
    """Who looked through the run and asked for its approval."""
    asked = db.session.execute(
        sa.select(Approval.asked_by_id, Approval.created_at)
        .where(
            Approval.kind == APPROVAL_KIND,
            Approval.subject_id == run.id,
            Approval.status.in_(("asked", "approved")),
        )
        .order_by(Approval.id.desc())
        .limit(1)
    ).one_or_none()
    return Signature(staff_name(asked.asked_by_id), asked.created_at) if asked else Signature()


def _approved(run: SettlementRun) -> Signature:
    if run.approved_by_id is None:
        return Signature()
    return Signature(staff_name(run.approved_by_id), run.approved_at)
