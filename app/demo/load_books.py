"""What finance has written into the books itself, in every state, and the months it has sealed."""

from datetime import date, timedelta

from app.domain.actors import SYSTEM, Actor
from app.domain.ledger import CLEARING, Line
from app.extensions import db
from app.models import ManualJournal
from app.services import clock
from app.services.money import ledger, manual_journals, seals
from app.services.system import approvals, ledger_proofs

FEES_FEN, PAID_OUT_FEN = 12_680, 500_000


def load_books(staff: dict[str, Actor]) -> None:
    """Fees and payouts of each month that is over; the oldest month is sealed by two people."""
    maker, checker = staff["finance_make"], staff["finance_approve"]
    for last in _months_over():
        _decided(_fees(last, maker), checker)
        _decided(_paid_out(last, maker), checker)
    if seals.next_period(db.session()):
        approval = seals.ask_to_seal(reason="月度结账", actor=maker)
        approvals.decide(approval.id, approve=True, note="核对无误", actor=checker)
    _decided(_fees(clock.today(), maker), checker, approve=False)
    _paid_out(clock.today(), maker)  # waits in the inbox of finance_approve
    ledger_proofs.prove(actor=SYSTEM)


def _months_over() -> list[date]:
    """Last days of the months over since the first journal, the latest two at most."""
    first = seals.next_period(db.session())
    if first is None:
        return []
    end = clock.today().replace(day=1) - timedelta(days=1)
    months = [end, end.replace(day=1) - timedelta(days=1)]
    return [day for day in reversed(months) if day >= first.first]


def _fees(day: date, maker: Actor) -> ManualJournal:
    lines = [Line("channel_fees", FEES_FEN), Line(CLEARING["wechat"], -FEES_FEN)]
    return manual_journals.ask(lines, reason="微信支付手续费", booked_on=day, actor=maker)


def _paid_out(day: date, maker: Actor) -> ManualJournal:
    held = ledger.balance(CLEARING["wechat"])
    fen = max(1, min(PAID_OUT_FEN, held // 2))
    lines = [Line("bank", fen), Line(CLEARING["wechat"], -fen)]
    return manual_journals.ask(lines, reason="微信支付提现到银行", booked_on=day, actor=maker)


def _decided(row: ManualJournal, checker: Actor, *, approve: bool = True) -> None:
    asked = approvals.waiting_for("manual_journal", row.id)
    assert asked is not None  # noqa: S101  # it was just made
    approvals.decide(
        asked.id, approve=approve, note="" if approve else "金额与账单不符", actor=checker
    )
