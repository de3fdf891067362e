"""What the company knows of its workers beyond their file: checks, training, teams, weeks."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import FaceCheckStatus, PeriodStatus
from app.models.base import BigId, Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.system import Branch
from app.models.workers import Worker

MINUTES_IN_ORDER = "from_minute >= 0 AND from_minute < to_minute AND to_minute <= 2880"


class FaceCheck(Created, Versioned, Keyed):
    """One comparison of a face with the document. What was not done is never shown as passed."""

    __tablename__ = "face_check"
    constraints = (
        one_of("status", FaceCheckStatus),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 0 AND 1000", name="score_in_range"),
        sa.CheckConstraint("status <> 'passed' OR score IS NOT NULL", name="passed_with_score"),
        sa.Index("ix_face_check_worker", "worker_id", "id"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    status: Mapped[str] = mapped_column(sa.String(16), default=FaceCheckStatus.ASKED.value)
    score: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    provider: Mapped[str] = mapped_column(sa.String(32), default="")
    reference: Mapped[str] = mapped_column(sa.String(64), default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str] = mapped_column(sa.String(200), default="")

    worker: Mapped[Worker] = relationship()


class TrainingRecord(Created, Versioned, Keyed):
    __tablename__ = "training_record"
    constraints = (
        one_of("result", ("planned", "passed", "failed")),
        sa.CheckConstraint("valid_to IS NULL OR held_on <= valid_to", name="days_in_order"),
        sa.Index("ix_training_record_worker", "worker_id", "held_on"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    course: Mapped[str] = mapped_column(sa.String(80))
    held_on: Mapped[date]
    hours: Mapped[int] = mapped_column(default=0)
    score: Mapped[int | None]
    result: Mapped[str] = mapped_column(sa.String(16), default="planned")
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(sa.String(300), default="")

    worker: Mapped[Worker] = relationship()


class Experience(Created, Versioned, Keyed):
    """Where a worker worked before."""

    __tablename__ = "experience"
    constraints = (
        sa.CheckConstraint("ended_on IS NULL OR started_on <= ended_on", name="days_in_order"),
        sa.Index("ix_experience_worker", "worker_id", "started_on"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    employer: Mapped[str] = mapped_column(sa.String(80))
    work: Mapped[str] = mapped_column(sa.String(200))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]

    worker: Mapped[Worker] = relationship()


class Team(Created, Versioned, Keyed):
    """Workers who are sent together under one lead."""

    __tablename__ = "team"
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    lead_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)

    branch: Mapped[Branch] = relationship()
    lead: Mapped[Worker | None] = relationship()
    members: Mapped[list["TeamMember"]] = relationship(back_populates="team")

    def __str__(self) -> str:
        return self.name


class TeamMember(Created, Keyed):
    __tablename__ = "team_member"
    constraints = (sa.UniqueConstraint("team_id", "worker_id", name="once"),)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)

    team: Mapped[Team] = relationship(back_populates="members")
    worker: Mapped[Worker] = relationship()


class Availability(Created, Versioned, Keyed):
    """When a worker wants to work in a usual week; the roster is made from it."""

    __tablename__ = "availability"
    constraints = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        sa.CheckConstraint(MINUTES_IN_ORDER, name="minutes_in_order"),
        sa.UniqueConstraint("worker_id", "weekday", "from_minute", name="once"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    weekday: Mapped[int]
    from_minute: Mapped[int]
    to_minute: Mapped[int]

    worker: Mapped[Worker] = relationship()


class ShiftTemplate(Created, Versioned, Keyed):
    """A named pattern of a day that fills rosters; past midnight counts on (1500 = 01:00)."""

    __tablename__ = "shift_template"
    constraints = (
        sa.CheckConstraint(MINUTES_IN_ORDER, name="minutes_in_order"),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays_known"),
        sa.UniqueConstraint("branch_id", "name", name="name_once"),
    )
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"))
    name: Mapped[str] = mapped_column(sa.String(64))
    weekdays: Mapped[int] = mapped_column(default=31)
    from_minute: Mapped[int]
    to_minute: Mapped[int]
    breaks: Mapped[list[Any]] = mapped_column(Json, default=list)
    active: Mapped[bool] = mapped_column(default=True)

    branch: Mapped[Branch] = relationship()

    def __str__(self) -> str:
        return self.name


class PerformancePeriod(Created, Versioned, Keyed):
    """A worker's score of a month with every term that made it, so that she can check it."""

    __tablename__ = "performance_period"
    constraints = (
        one_of("status", PeriodStatus),
        sa.CheckConstraint("period_from <= period_to", name="days_in_order"),
        sa.UniqueConstraint("worker_id", "period_from", name="once"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    period_from: Mapped[date]
    period_to: Mapped[date]
    score: Mapped[int]
    grade: Mapped[str] = mapped_column(sa.String(8))
    terms: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    status: Mapped[str] = mapped_column(sa.String(16), default=PeriodStatus.OPEN.value)

    worker: Mapped[Worker] = relationship()


class Reward(Created, Versioned, Keyed):
    """A reward or penalty that is proposed for a worker; paid as an adjustment."""

    __tablename__ = "reward"
    constraints = (
        one_of("kind", ("reward", "penalty")),
        one_of("status", ("proposed", "approved", "refused", "settled")),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.Index("ix_reward_worker", "worker_id", "id"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(sa.String(200))
    period_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("performance_period.id"), index=True
    )
    adjustment_id: Mapped[int | None] = mapped_column(BigId)
    status: Mapped[str] = mapped_column(sa.String(16), default="proposed")

    worker: Mapped[Worker] = relationship()
    period: Mapped[PerformancePeriod | None] = relationship()
