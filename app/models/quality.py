"""What customers and workers say, and what the company does about it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import ActionStatus, AppealStatus, ComplaintStatus, FeedbackStatus
from app.models.base import BigId, Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.customers import CustomerAccount
from app.models.orders import Order
from app.models.system import ACTOR_KINDS, Branch
from app.models.visits import Review
from app.models.workers import Worker


class ReviewReply(Created, Versioned, Keyed):
    """What the worker or the company answers to a review, beneath it."""

    __tablename__ = "review_reply"
    constraints = (
        one_of("actor_kind", ("staff", "worker")),
        sa.Index("ix_review_reply_review", "review_id", "id"),
    )
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("review.id"))
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int] = mapped_column(BigId)
    text: Mapped[str] = mapped_column(sa.String(500))

    review: Mapped[Review] = relationship()


class ReviewAppeal(Created, Versioned, Keyed):
    """A worker asks that a review does not count; somebody decides, once."""

    __tablename__ = "review_appeal"
    constraints = (
        one_of("status", AppealStatus),
        sa.Index("ix_review_appeal_status", "status", "created_at"),
    )
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("review.id"), unique=True)
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(500))
    status: Mapped[str] = mapped_column(sa.String(16), default=AppealStatus.ASKED.value)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(sa.String(300), default="")

    review: Mapped[Review] = relationship()
    worker: Mapped[Worker] = relationship()


class Feedback(Created, Versioned, Keyed):
    """A suggestion or praise that needs no case."""

    __tablename__ = "feedback"
    constraints = (
        one_of("actor_kind", ("customer", "worker")),
        one_of("kind", ("suggestion", "praise", "fault", "other")),
        one_of("status", FeedbackStatus),
        sa.Index("ix_feedback_status", "status", "created_at"),
    )
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(sa.String(16))
    text: Mapped[str] = mapped_column(sa.String(1000))
    status: Mapped[str] = mapped_column(sa.String(16), default=FeedbackStatus.NEW.value)
    answer: Mapped[str] = mapped_column(sa.String(500), default="")


class Cause(Versioned, Keyed):
    """Why something went wrong, from a list that the company keeps, as a tree."""

    __tablename__ = "cause"
    constraints = (one_of("party", ("company", "worker", "customer", "partner", "other")),)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")
    party: Mapped[str] = mapped_column(sa.String(16), default="company")
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cause.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)

    parent: Mapped["Cause | None"] = relationship(remote_side="Cause.id")

    def __str__(self) -> str:
        return self.name


class Complaint(Created, Versioned, Keyed):
    """A case with a named handler and a clock, which stands still while the customer is asked."""

    __tablename__ = "complaint"
    constraints = (
        one_of("status", ComplaintStatus),
        one_of("severity", ("low", "normal", "high", "critical")),
        one_of("category", ("quality", "attitude", "late", "damage", "price", "safety", "other")),
        one_of("source", ("customer", "phone", "staff", "channel")),
        sa.CheckConstraint("paused_seconds >= 0 AND reopened >= 0", name="not_negative"),
        sa.Index("ix_complaint_status", "status", "solve_by"),
        sa.Index("ix_complaint_customer", "customer_id", "id"),
        sa.Index("ix_complaint_handler", "handler_id", "status"),
        sa.Index("ix_complaint_created_at", "created_at", "id"),
    )
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"))
    worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    category: Mapped[str] = mapped_column(sa.String(16))
    severity: Mapped[str] = mapped_column(sa.String(16), default="normal")
    source: Mapped[str] = mapped_column(sa.String(16), default="customer")
    text: Mapped[str] = mapped_column(sa.String(2000))
    status: Mapped[str] = mapped_column(sa.String(24), default=ComplaintStatus.NEW.value)
    handler_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    cause_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cause.id"), index=True)
    answer_by: Mapped[datetime] = mapped_column(UtcDateTime)
    solve_by: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_seconds: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    proposal: Mapped[str] = mapped_column(sa.String(500), default="")
    result: Mapped[str] = mapped_column(sa.String(500), default="")

    branch: Mapped[Branch] = relationship()
    order: Mapped[Order | None] = relationship()
    customer: Mapped[CustomerAccount] = relationship()
    worker: Mapped[Worker | None] = relationship()
    handler: Mapped[User | None] = relationship()
    cause: Mapped[Cause | None] = relationship()
    events: Mapped[list["ComplaintEvent"]] = relationship(
        back_populates="complaint", order_by="ComplaintEvent.id"
    )

    @property
    def clock(self) -> "Complaint":
        """For whoever shows how long there is still time: it takes several columns."""
        return self

    def __str__(self) -> str:
        return self.number


class ComplaintEvent(Keyed):
    """What happened to a complaint, and who said what to whom. Never changed."""

    __tablename__ = "complaint_event"
    audited = False
    append_only = True
    constraints = (
        one_of("actor_kind", ACTOR_KINDS),
        sa.Index("ix_complaint_event_complaint", "complaint_id", "id"),
    )
    complaint_id: Mapped[int] = mapped_column(sa.ForeignKey("complaint.id"))
    kind: Mapped[str] = mapped_column(sa.String(32))
    from_status: Mapped[str | None] = mapped_column(sa.String(24))
    to_status: Mapped[str | None] = mapped_column(sa.String(24))
    text: Mapped[str] = mapped_column(sa.String(2000), default="")
    shown_to_customer: Mapped[bool] = mapped_column(default=False)
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    complaint: Mapped[Complaint] = relationship(back_populates="events")


class CorrectiveAction(Created, Versioned, Keyed):
    """What the company does so that it does not happen again."""

    __tablename__ = "corrective_action"
    constraints = (
        one_of("status", ActionStatus),
        sa.Index("ix_corrective_action_status", "status", "due_at"),
    )
    complaint_id: Mapped[int | None] = mapped_column(sa.ForeignKey("complaint.id"), index=True)
    cause_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cause.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(500))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(sa.String(16), default=ActionStatus.OPEN.value)
    outcome: Mapped[str] = mapped_column(sa.String(500), default="")

    complaint: Mapped[Complaint | None] = relationship()
    cause: Mapped[Cause | None] = relationship()
    owner: Mapped[User | None] = relationship()
