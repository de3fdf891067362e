"""How a branch dispatches: its own policy, or the company's parameters where it has none."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.models import Branch, DispatchPolicy
from app.services.system import parameters
from app.services.transactions import locked, retrying, transaction


@dataclass(frozen=True, slots=True)
class Policy:
    """What a search for workers goes by. `mode` is direct, cascade or broadcast."""

    mode: str
    rounds: int
    batch: int
    weights: Mapping[str, int]


def of_branch(branch_id: int) -> Policy:
    """The policy in force in a branch."""
    own = db.session.scalar(sa.select(DispatchPolicy).filter_by(branch_id=branch_id, active=True))
    if own is not None:
        return Policy(own.mode, own.rounds, own.batch, own.weights)
    return Policy(
        mode=parameters.get("dispatch.mode"),
        rounds=parameters.get("dispatch.rounds"),
        batch=parameters.get("dispatch.batch"),
        weights=parameters.get("dispatch.weights"),
    )


@retrying
def add_revision(
    branch_id: int,
    *,
    name: str,
    mode: str,
    rounds: int,
    batch: int,
    weights: Mapping[str, int],
    actor: Actor,
) -> DispatchPolicy:
    """A new revision beside the earlier ones; it holds only once it is activated."""
    with transaction(actor) as session:
        locked(session, Branch, branch_id)
        last = sa.select(sa.func.max(DispatchPolicy.revision)).filter_by(branch_id=branch_id)
        policy = DispatchPolicy(
            branch_id=branch_id,
            revision=(session.scalar(last) or 0) + 1,
            name=name,
            mode=mode,
            rounds=rounds,
            batch=batch,
            weights=dict(weights),
        )
        session.add(policy)
        session.flush()
        return policy


@retrying
def activate(policy_id: int, *, actor: Actor) -> DispatchPolicy:
    """Let the branch dispatch by this revision from now on."""
    with transaction(actor) as session:
        branch_id = session.get_one(DispatchPolicy, policy_id).branch_id
        locked(session, Branch, branch_id)
        _end_active(branch_id)
        policy = locked(session, DispatchPolicy, policy_id)
        policy.active = True
        return policy


@retrying
def deactivate(policy_id: int, *, actor: Actor) -> DispatchPolicy:
    """Let the branch dispatch by the company's parameters again."""
    with transaction(actor) as session:
        policy = locked(session, DispatchPolicy, policy_id)
        policy.active = False
        return policy


def _end_active(branch_id: int) -> None:
    active = sa.select(DispatchPolicy).filter_by(branch_id=branch_id, active=True)
    for policy in db.session.scalars(active):
        policy.active = False
    db.session.flush()  # before the next one: the index allows one
