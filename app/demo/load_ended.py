"""Orders of the demo that were cancelled, and money that went back, in every state of its way."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import sqlalchemy as sa

from app.demo.load_agencies import load_agencies
from app.demo.load_channel import REMOTE, expect_refund_word, expect_trouble
from app.domain.actors import Actor
from app.domain.states import OrderStatus, RefundStatus, WorkerStatus
from app.extensions import db
from app.gateways.payment import GatewayRefused, OutcomeUnknown
from app.models import CustomerAccount, Order, PaymentAttempt, Refund, ServicePlan, Worker
from app.services.customers import erasing
from app.services.identity import blocking
from app.services.money import adjustments, offline, refunds
from app.services.orders import cancelling
from app.services.system import approvals
from app.services.workers import erasing as leavers

Staff = dict[str, Actor]
AMOUNT_FEN = 1_500
DAMAGE_FEN = 5_000
# status it stood in, who cancels, why, in which words
CANCELLED = (
    (OrderStatus.OFFERED, "customer", "changed_mind", "临时要出差"),
    (OrderStatus.ACCEPTED, "customer", "other_time", "想换到下个月"),
    (OrderStatus.PENDING_DISPATCH, "platform", "nobody_found", "附近暂无空闲的服务人员"),
)
REWARDS = (
    ("reward", 5_000, "客户点名表扬"),
    ("penalty", -3_000, "迟到两次"),
    ("reward", 8_000, "带教新人"),
)  # fmt: skip


def load_ended(staff: Staff) -> None:
    for status, party, code, reason in CANCELLED:
        _cancel(status, party, code, reason, staff)
    _give_back(staff)
    _make_good(staff)
    _of_bills(staff)
    _adjust(staff)
    _block(staff)
    load_agencies(staff)


def _cancel(status: OrderStatus, party: str, code: str, reason: str, staff: Staff) -> None:
    """One of those in that status, if others stay in it; its money arrives at once."""
    standing = sa.select(Order).filter_by(status=status.value)
    found = db.session.scalars(standing.order_by(Order.planned_start.desc()).limit(2)).all()
    if len(found) < 2:
        return
    order = found[0]
    actor = Actor("customer", order.customer_id) if party == "customer" else staff["ops"]
    shown = cancelling.preview(db.session(), order, party)
    cancelling.cancel_order(
        order.id, shown.hash, party=party, reason_code=code, reason=reason, actor=actor
    )
    back = sa.select(Refund.id).filter_by(order_id=order.id, status=RefundStatus.APPROVED.value)
    for refund_id in db.session.scalars(back).all():
        refunds.submit(refund_id)


def _give_back(staff: Staff) -> None:
    """Something of orders that were served; each time it gets one step further. What arrives was
    a refund, which takes its part of what the worker earned; the others are compensations.
    """
    served = sa.select(Order.id).where(
        Order.status == OrderStatus.COMPLETED.value,
        Order.captured_fen > AMOUNT_FEN,
        _through_a_channel(),
    )
    ids = db.session.scalars(served.order_by(Order.id.desc()).limit(len(_STEPS))).all()
    for order_id, lead in zip(ids, _STEPS, strict=False):
        kind = "refund" if lead is _send else "compensation"
        asked = refunds.request_refund(
            order_id, AMOUNT_FEN, reason="服务延误补偿", kind=kind,
            actor=staff["service"],
        )  # fmt: skip
        lead(asked, staff)


def _make_good(staff: Staff) -> None:
    """Damage that cost more than the cheapest order: what its payment cannot bear is paid by hand,
    of one order already, of the next one not yet.
    """
    paid = sa.select(Order).where(
        Order.status == OrderStatus.COMPLETED.value,
        Order.captured_fen > 0,
        Order.refunded_fen == 0,
        Order.due_fen == Order.captured_fen,
        _through_a_channel(),
    )
    orders = db.session.scalars(paid.order_by(Order.captured_fen, Order.id).limit(2)).all()
    for order in orders:
        through, goodwill = refunds.request_refund(
            order.id, order.captured_fen + DAMAGE_FEN, reason="地毯被漂白，照价赔偿",
            kind="compensation", actor=staff["service"],
        )  # fmt: skip
        _send([through], staff)
        if order is orders[0]:
            refunds.settle_otherwise(
                goodwill.id, "bank", reason="转到客户银行卡", actor=staff["finance_make"]
            )
            refunds.confirm_settled(
                goodwill.id, reference="2026-CMB-0417", actor=staff["finance_pay"]
            )


def _of_bills(staff: Staff) -> None:
    """Of two orders that are paid afterwards: a compensation lowers the bill of one, of the other
    the worker has the cash and has not handed it in.
    """
    owing = sa.select(Order).where(
        Order.status == OrderStatus.COMPLETED.value,
        Order.captured_fen == 0,
        Order.due_fen > AMOUNT_FEN,
    )
    orders = db.session.scalars(owing.order_by(Order.id.desc()).limit(2)).all()
    for order, lead in zip(orders, (_lower_bill, _take_cash), strict=False):
        lead(order, staff)


def _lower_bill(order: Order, staff: Staff) -> None:
    asked = refunds.request_refund(
        order.id, AMOUNT_FEN, reason="迟到半小时", kind="compensation", actor=staff["service"]
    )
    _decide(asked, staff)


def _take_cash(order: Order, _staff: Staff) -> None:
    lead = order.lead_worker_id or 0
    offline.receive_cash(order.visits[0].id, lead, order.unpaid_fen, actor=Actor("worker", lead))


def _through_a_channel() -> sa.ColumnElement[bool]:
    """Paid where somebody outside answers a refund: what a step expects of the channel comes."""
    by_hand = sa.select(PaymentAttempt.id).where(
        PaymentAttempt.order_id == Order.id, PaymentAttempt.channel.not_in(REMOTE)
    )
    return ~by_hand.exists()


def _decide(asked: Sequence[Refund], staff: Staff, *, approve: bool = True) -> int:
    waiting = approvals.waiting_for("refund", asked[0].id)
    if waiting is not None:
        note = "" if approve else "已安排返工，不再补偿"
        approvals.decide(waiting.id, approve=approve, note=note, actor=staff["finance_approve"])
    return asked[0].id


def _wait(asked: Sequence[Refund], staff: Staff) -> None:
    """Nobody has decided yet."""


def _refuse(asked: Sequence[Refund], staff: Staff) -> None:
    _decide(asked, staff, approve=False)


def _approve(asked: Sequence[Refund], staff: Staff) -> None:
    _decide(asked, staff)


def _send(asked: Sequence[Refund], staff: Staff) -> None:
    refunds.submit(_decide(asked, staff))


def _send_slowly(asked: Sequence[Refund], staff: Staff) -> None:
    expect_refund_word("processing")
    _send(asked, staff)


def _send_in_vain(asked: Sequence[Refund], staff: Staff) -> None:
    expect_trouble(OutcomeUnknown("The channel does not answer"))
    with suppress(OutcomeUnknown):
        _send(asked, staff)


def _fail(asked: Sequence[Refund], staff: Staff) -> None:
    expect_trouble(GatewayRefused("The channel refuses", gateway_code="USER_ACCOUNT_ABNORMAL"))
    _send(asked, staff)


def _take_over(asked: Sequence[Refund], staff: Staff) -> None:
    _fail(asked, staff)
    refunds.settle_otherwise(
        asked[0].id, "bank", reason="客户微信已注销，转银行卡", actor=staff["finance_make"]
    )


_STEPS: tuple[Callable[[Sequence[Refund], Staff], None], ...] = (
    _wait, _refuse, _approve, _send, _send_slowly, _send_in_vain, _fail, _take_over,
)  # fmt: skip


def _adjust(staff: Staff) -> None:
    """One waits, one is refused, one is approved and goes into the next settlement."""
    workers = sa.select(Order.lead_worker_id).filter_by(status=OrderStatus.COMPLETED.value)
    ids = db.session.scalars(workers.distinct().order_by(Order.lead_worker_id)).all()
    for n, (kind, amount_fen, reason) in enumerate(REWARDS):
        asked = adjustments.request_adjustment(
            ids[n % len(ids)] or 0, kind, amount_fen, reason=reason, actor=staff["hr"]
        )
        waiting = approvals.waiting_for("adjustment", asked.id)
        if n and waiting is not None:
            approvals.decide(waiting.id, approve=n == 2, actor=staff["finance_approve"])


def _block(staff: Staff) -> None:
    """A customer with whom nothing is open, and the log-in of somebody who has left; another
    customer and another worker wanted to be forgotten.
    """
    busy = sa.select(Order.customer_id).where(Order.status.not_in(blocking.OVER))
    waiting = sa.select(ServicePlan.customer_id)
    quiet = sa.select(CustomerAccount.id).where(
        CustomerAccount.id.not_in(busy), CustomerAccount.id.not_in(waiting)
    )
    found = iter(db.session.scalars(quiet.order_by(CustomerAccount.id.desc()).limit(20)).all())
    if customer_id := next(found, None):
        blocking.block_customer(customer_id, "多次辱骂服务人员，已两次提醒", actor=staff["service"])
    gone = (one for one in found if not erasing.still_open(one))
    if customer_id := next(gone, None):
        asked = erasing.ask_erasure(customer_id, "客户来信要求删除", actor=staff["service"])
        approvals.decide(asked.id, approve=True, actor=staff["ops"])
    left = sa.select(Worker.id).filter_by(status=WorkerStatus.LEFT.value).order_by(Worker.id)
    blocked, erased = db.session.scalars(left.limit(2)).all()
    blocking.block_worker(blocked, "已离职，停用登录", actor=staff["hr"])
    asked = leavers.ask_erasure(erased, "离职后书面要求删除资料", actor=staff["hr"])
    approvals.decide(asked.id, approve=True, actor=staff["ops"])
