"""What follows from complaints and feedback: measures that are finished, answers that are given."""

from typing import Literal, cast

from app.domain.actors import Actor
from app.domain.states import ActionStatus, FeedbackStatus, move
from app.models import CorrectiveAction, Feedback
from app.services.system import notifications
from app.services.transactions import locked, retrying, transaction


@retrying
def finish_action(action_id: int, outcome: str, *, actor: Actor) -> CorrectiveAction:
    """It was done; what came of it is kept."""
    return _end(action_id, ActionStatus.DONE, outcome, actor)


@retrying
def drop_action(action_id: int, reason: str, *, actor: Actor) -> CorrectiveAction:
    """It is not done after all, and why."""
    return _end(action_id, ActionStatus.DROPPED, reason, actor)


def _end(action_id: int, new: ActionStatus, outcome: str, actor: Actor) -> CorrectiveAction:
    with transaction(actor) as session:
        action = locked(session, CorrectiveAction, action_id)
        move(action, new)
        action.outcome = outcome
        return action


@retrying
def read_feedback(feedback_id: int, *, actor: Actor) -> Feedback:
    """Somebody has read it; no answer is needed yet."""
    with transaction(actor) as session:
        feedback = locked(session, Feedback, feedback_id)
        move(feedback, FeedbackStatus.READ)
        return feedback


@retrying
def answer_feedback(feedback_id: int, answer: str, *, actor: Actor) -> Feedback:
    """Answer who wrote it, in the in-app inbox."""
    with transaction(actor) as session:
        feedback = locked(session, Feedback, feedback_id)
        move(feedback, FeedbackStatus.ANSWERED)
        feedback.answer = answer
        kind = cast(Literal["customer", "worker"], feedback.actor_kind)
        notifications.notify(kind, feedback.actor_id, "feedback.answered", text=answer)
        return feedback
