"""Giving an order to a worker who breaks a hard rule: asked for by dispatch, decided by operations.

What the database itself refuses, a second visit at the same time, nobody can allow.
"""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain import eligibility as rule
from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Approval, Order, Worker
from app.services.dispatch import crew, dispatching
from app.services.roster import claims, workforce
from app.services.system import approvals
from app.services.transactions import locked, retrying, transaction

KIND = "override"
NEVER = frozenset({rule.BUSY, rule.HELD, rule.NOT_ACTIVE})
WAITING = (OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED)


@retrying
def ask_override(order_id: int, worker_id: int, *, reason: str, actor: Actor) -> Approval:
    """Ask for an exception for this worker and this order.

    Raises RuleViolation when none is needed (no_rule_broken) or possible (never_allowed).
    """
    if not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        content = _content(order, worker_id)
        if not content["broken"]:
            raise RuleViolation(_l("This worker breaks no rule"), code="no_rule_broken")
        _refuse_impossible(content["broken"])
        return approvals.ask(
            KIND, "order", order.id, content, order.number,
            reason=reason, branch_id=order.branch_id, actor=actor,
        )  # fmt: skip


def _refuse_impossible(broken: list[str]) -> None:
    never = sorted(NEVER & set(broken))
    if never:
        raise RuleViolation(
            _l("Nobody can allow this exception"), code="never_allowed", broken=never
        )


def _content(order: Order, worker_id: int) -> dict[str, Any]:
    """What is asked for; the worker's row is locked, so that it holds when it is carried out."""
    sought = crew.lacking(order)
    if order.status not in WAITING or not sought:
        raise RuleViolation(_l("This order does not wait for a worker"), code="not_waiting")
    claims.lock_workers([*claims.claimed_workers(order.owner), worker_id])
    wanted = workforce.wanted_by(order, sought)
    broken = claims.still_free(order.branch_id, [worker_id], wanted).get(worker_id)
    if broken is None:
        raise RuleViolation(_l("This worker cannot take the visit"), code="never_allowed")
    return {
        "order": order.number,
        "planned_start": order.planned_start.isoformat(),
        "worker_id": worker_id,
        "worker": db.session.get_one(Worker, worker_id).number,
        "broken": broken,
    }


@approvals.executes(KIND)
def _assign(approval: Approval, actor: Actor) -> None:
    shown = approval.payload
    order = locked(db.session(), Order, approval.subject_id)
    approvals.check_as_shown(shown, _content(order, shown["worker_id"]))
    dispatching.assign_despite(
        order, shown["worker_id"], frozenset(shown["broken"]), reason=approval.reason, actor=actor
    )
