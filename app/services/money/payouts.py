"""Paying agencies what they are owed, by the bank and together.

A branch has one draft, and an agency is in one batch that is not paid.
One person of finance makes it, another approves exactly what it shows, the bank gets its file, and
a third person confirms that the bank has paid. Only then it is booked.
"""

import re
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden, InvalidInput, RuleViolation
from app.domain.ledger import BANK, PARTNER_PAYABLE, Line
from app.domain.money import yuan
from app.domain.states import BatchStatus, move
from app.extensions import db
from app.models import Approval, Branch, Partner, PayoutBatch
from app.models.crypto import blind_index
from app.services import access, audit, clock
from app.services.money import ledger
from app.services.numbers import new_number
from app.services.system import approvals
from app.services.transactions import locked, retrying, transaction

APPROVAL_KIND = "payout_batch"
OPEN = (BatchStatus.DRAFT.value, BatchStatus.APPROVED.value)
ACCOUNT = re.compile(r"[0-9]{8,30}")
LONGEST_NUMBER = 64


@retrying
def change_account(
    partner_id: int, bank: str, holder: str, account: str, *, reason: str, actor: Actor
) -> Partner:
    """Where an agency is paid. Raises InvalidInput, Conflict (batch_open) while a batch has it."""
    number = re.sub(r"[\s-]", "", account)
    if not ACCOUNT.fullmatch(number):
        raise InvalidInput(_l("This is no bank account"), code="account_invalid", field="account")
    if not reason.strip():
        raise InvalidInput(_l("Say why"), code="reason_required", field="reason")
    with transaction(actor) as session:
        partner = access.row_for(actor, Partner, partner_id)
        locked(session, Branch, partner.branch_id)
        _check_free(_open_batches(session, partner.branch_id), partner)
        partner.bank_name, partner.account_holder = bank.strip(), holder.strip()
        partner.account, partner.account_tail = number, number[-4:]
        about = ("partner", partner.id)
        told = {"reason": reason.strip()}
        audit.record("account", "partner", partner.id, told, about=about, actor=actor)
        return partner


@retrying
def pay_out(partner_id: int, *, actor: Actor) -> PayoutBatch:
    """Put all that an agency is owed into its branch's draft, or make one.

    Raises RuleViolation (account_missing, nothing_owed), Conflict (batch_open) when it is in an
    open batch already, or the branch's draft was shown to the second person.
    """
    staff_id = _staff(actor)
    with transaction(actor) as session:
        partner = access.row_for(actor, Partner, partner_id)
        locked(session, Branch, partner.branch_id)
        line = _line(partner)
        open_batches = _open_batches(session, partner.branch_id)
        _check_free(open_batches, partner)
        drafts = [one for one in open_batches if one.status == BatchStatus.DRAFT]
        batch = drafts[0] if drafts else _new(partner.branch_id, staff_id)
        if batch.id and approvals.waiting_for("payout_batch", batch.id) is not None:
            raise _is_open(batch)
        batch.content = [*batch.content, line]
        batch.total_fen += line["amount_fen"]
        batch.lines = len(batch.content)
        session.add(batch)
        session.flush()
        return batch


@retrying
def ask_approval(batch_id: int, *, actor: Actor) -> Approval:
    """Show the draft to the second person: what he sees is what will be paid."""
    _staff(actor)
    with transaction(actor) as session:
        batch = _locked(session, batch_id, BatchStatus.DRAFT)
        return approvals.ask(
            APPROVAL_KIND, "payout_batch", batch.id, shown(batch),
            f"{batch.number}: ¥{yuan(batch.total_fen)}", branch_id=batch.branch_id, actor=actor,
        )  # fmt: skip


@approvals.executes(APPROVAL_KIND)
def _approve(approval: Approval, actor: Actor) -> None:
    """Runs inside the deciding transaction. A no leaves a draft."""
    batch = _locked(db.session(), approval.subject_id, BatchStatus.DRAFT)
    staff_id = _staff(actor)
    if batch.made_by_id == staff_id:
        raise Forbidden(_l("Somebody else must approve what you made"), code="same_person")
    approvals.check_as_shown(approval.payload, shown(batch))
    check_accounts(batch)
    move(batch, BatchStatus.APPROVED)
    batch.approved_by_id = staff_id


@retrying
def confirm_paid(batch_id: int, *, bank_number: str, actor: Actor) -> PayoutBatch:
    """The bank has paid the whole batch; `bank_number` proves it. It is booked now.

    Raises Forbidden for who made or approved it, InvalidInput, Conflict, RuleViolation
    (insufficient_balance) when an agency is owed less by now.
    """
    staff_id, number = _staff(actor), bank_number.strip()
    if not 0 < len(number) <= LONGEST_NUMBER:
        raise InvalidInput(_l("Name the proof"), code="reference_missing", field="bank_number")
    with transaction(actor) as session:
        batch = _locked(session, batch_id, BatchStatus.APPROVED)
        if staff_id in (batch.made_by_id, batch.approved_by_id):
            raise Forbidden(
                _l("A third person confirms what two have made and approved"), code="same_person"
            )
        move(batch, BatchStatus.PAID)
        batch.paid_by_id, batch.paid_at, batch.bank_number = staff_id, clock.now(), number
        lines = [
            Line(PARTNER_PAYABLE, one["amount_fen"], "partner", one["partner_id"])
            for one in batch.content
        ]
        lines.append(Line(BANK, -batch.total_fen))
        ledger.post(
            f"payout:{batch.id}", "payout", lines,
            source_kind="payout_batch", source_id=batch.id, actor=actor,
        )  # fmt: skip
        return batch


@retrying
def cancel(batch_id: int, *, reason: str, actor: Actor) -> PayoutBatch:
    """Give a batch up that the bank has not paid; what it held can be paid out anew."""
    _staff(actor)
    if not reason.strip():
        raise InvalidInput(_l("Say why"), code="reason_required", field="reason")
    with transaction(actor) as session:
        approvals.drop("payout_batch", batch_id, note=reason)
        batch = _locked(session, batch_id, *BatchStatus)
        move(batch, BatchStatus.CANCELLED)
        told = {"reason": reason.strip()}
        audit.record("cancel", "payout_batch", batch.id, told, actor=actor)
        return batch


def check_to_be_paid(batch: PayoutBatch) -> None:
    """Raise Conflict unless it is approved, RuleViolation when an account has changed."""
    if batch.status != BatchStatus.APPROVED:
        raise Conflict(_l("The batch is not at this step"), status=batch.status)
    check_accounts(batch)


def check_accounts(batch: PayoutBatch) -> None:
    """Raise RuleViolation when an account is no longer the one that the batch was made for."""
    partners = {one.id: one for one in partners_of(batch)}
    for line in batch.content:
        partner = partners[line["partner_id"]]
        if _fingerprint(partner) != line["account_index"]:
            raise RuleViolation(
                _l("The account of %(partner)s has changed", partner=partner.name),
                code="account_changed",
            )


def partners_of(batch: PayoutBatch) -> list[Partner]:
    query = sa.select(Partner).where(Partner.id.in_(_partners_in(batch))).order_by(Partner.code)
    return list(db.session.scalars(query))


def shown(batch: PayoutBatch) -> dict[str, Any]:
    """All that the second person agrees to."""
    return {"number": batch.number, "total_fen": batch.total_fen, "payees": batch.content}


def _line(partner: Partner) -> dict[str, Any]:
    owed = ledger.balance(PARTNER_PAYABLE, "partner", partner.id)
    if owed <= 0:
        raise RuleViolation(_l("This partner is owed nothing"), code="nothing_owed")
    if not partner.account:
        raise RuleViolation(_l("Enter the partner's bank account first"), code="account_missing")
    return {
        "partner_id": partner.id, "partner": partner.name, "amount_fen": owed,
        "bank": partner.bank_name, "account_tail": partner.account_tail,
        "account_index": _fingerprint(partner),
    }  # fmt: skip


def _fingerprint(partner: Partner) -> str:
    """So that another account with the same last digits is not taken for it."""
    whole = f"{partner.bank_name}\n{partner.account_holder}\n{partner.account}"
    return blind_index("partner_account", whole)


def _new(branch_id: int, staff_id: int) -> PayoutBatch:
    return PayoutBatch(
        number=new_number("B"), branch_id=branch_id, status=BatchStatus.DRAFT.value,
        made_by_id=staff_id, content=[], total_fen=0, lines=0,
    )  # fmt: skip


def _open_batches(session: Session, branch_id: int) -> list[PayoutBatch]:
    """Those that the bank has not paid. The branch's row is locked."""
    query = sa.select(PayoutBatch).where(
        PayoutBatch.branch_id == branch_id, PayoutBatch.status.in_(OPEN)
    )
    ordered = query.order_by(PayoutBatch.id).execution_options(populate_existing=True)
    return list(session.scalars(ordered))


def _check_free(batches: list[PayoutBatch], partner: Partner) -> None:
    for batch in batches:
        if partner.id in _partners_in(batch):
            raise _is_open(batch)


def _is_open(batch: PayoutBatch) -> Conflict:
    return Conflict(
        _l("Batch %(number)s has to be paid or cancelled first", number=batch.number),
        code="batch_open",
        number=batch.number,
    )


def _partners_in(batch: PayoutBatch) -> set[int]:
    return {line["partner_id"] for line in batch.content}


def _locked(session: Session, batch_id: int, *expected: BatchStatus) -> PayoutBatch:
    """Its branch's row first, as when it is made. Raises Conflict in another status."""
    branch_id = session.get_one(PayoutBatch, batch_id).branch_id
    locked(session, Branch, branch_id)
    batch = locked(session, PayoutBatch, batch_id)
    if batch.status not in expected:
        raise Conflict(_l("The batch is not at this step"), status=batch.status)
    return batch


def _staff(actor: Actor) -> int:
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_l("Only staff can do this"))
    return actor.id
