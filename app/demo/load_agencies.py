"""What the demo's agencies are owed and paid by the bank, a batch in every state."""

import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.models import Partner
from app.services.money import adjustments, payouts
from app.services.system import approvals

Staff = dict[str, Actor]
AGENCY_FEN = 120_000


def load_agencies(staff: Staff) -> None:
    """One batch was paid, one was given up, one waits for the bank and one is a draft."""
    make, approve = staff["finance_make"], staff["finance_approve"]
    partners = db.session.scalars(sa.select(Partner).order_by(Partner.id).limit(2)).all()
    for n, partner in enumerate(partners):
        payouts.change_account(
            partner.id, "中国工商银行广州天河支行", partner.name, f"36020{n}0919200{n}88{n}321",
            reason="签约时提供的开户许可证", actor=make,
        )  # fmt: skip
    first, second = partners
    paid = _batch(first, staff)
    _approved(paid, staff)
    payouts.confirm_paid(paid, bank_number="ICBC20260031", actor=staff["finance_pay"])
    payouts.cancel(_batch(first, staff), reason="金额与协议不符，重新核对", actor=approve)
    _approved(payouts.pay_out(first.id, actor=make).id, staff)
    _batch(second, staff)


def _batch(partner: Partner, staff: Staff) -> int:
    """Something is agreed on with the agency, and put into a batch."""
    asked = adjustments.request_partner_adjustment(
        partner.id, "reward", AGENCY_FEN, reason="季度合作奖励", actor=staff["ops"]
    )
    waiting = approvals.waiting_for("adjustment", asked.id)
    if waiting is not None:
        approvals.decide(waiting.id, approve=True, actor=staff["finance_approve"])
    return payouts.pay_out(partner.id, actor=staff["finance_make"]).id


def _approved(batch_id: int, staff: Staff) -> None:
    asked = payouts.ask_approval(batch_id, actor=staff["finance_make"])
    approvals.decide(asked.id, approve=True, note="账户已核对", actor=staff["finance_approve"])
