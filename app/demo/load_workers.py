"""Loads the demo's workers and partners.

The first `n` workers are approved; a few more stand in each other state of an application.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.demo import geography, people
from app.demo.load_customers import morning
from app.demo.load_reference import Reference
from app.demo.people import DemoWorker
from app.domain.actors import Actor
from app.domain.states import WorkerStatus, move
from app.models import (
    Partner,
    PayoutAccount,
    Worker,
    WorkerAccount,
    WorkerArea,
    WorkerDocument,
    WorkerSkill,
)
from app.models.crypto import blind_index
from app.services.identity.otp import phone_index
from app.services.transactions import transaction
from app.services.workers import approval, documents

PARTNERS = (("P01", "广州好邻家政服务部", "何敏仪"), ("P02", "羊城安心家庭服务中心", "谭国华"))
APPLICATION = (
    WorkerStatus.DOCUMENTS_REVIEW,
    WorkerStatus.FACE_CHECK,
    WorkerStatus.TRAINING,
)
# Whose documents nobody has looked at yet.
UNSEEN = (WorkerStatus.APPLIED, WorkerStatus.DOCUMENTS_REVIEW, WorkerStatus.REJECTED)
# The workers after the approved ones: where each application stands.
OTHERS = (
    WorkerStatus.APPLIED,
    WorkerStatus.APPLIED,
    WorkerStatus.DOCUMENTS_REVIEW,
    WorkerStatus.FACE_CHECK,
    WorkerStatus.TRAINING,
    WorkerStatus.SUSPENDED,
    WorkerStatus.REJECTED,
    WorkerStatus.LEFT,
    WorkerStatus.LEFT,
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """A worker as the history needs her."""

    worker_id: int
    payout_account_id: int
    number: int
    made: DemoWorker


def load_workers(
    rng: random.Random, n: int, today: date, reference: Reference, *, actor: Actor
) -> list[Colleague]:
    """`n` approved workers are returned; those in other states are added beside them."""
    made = people.workers(rng, n + len(OTHERS), today)
    goals = [WorkerStatus.APPROVED] * n + list(OTHERS)
    with transaction(actor) as session:
        partners = _partners(session, reference.branch_id)
        colleagues = [
            _worker(session, number, person, reference, partners)
            for number, person in enumerate(made, 1)
        ]
        for colleague, goal in zip(colleagues, goals, strict=True):
            seen = "submitted" if goal in UNSEEN else "approved"
            papers = _documents(colleague, today, seen)
            session.add_all(papers)
            if goal is WorkerStatus.REJECTED:
                session.flush()
                documents.refuse(papers[1].id, "健康证照片不清晰", actor=actor)
    for colleague, goal in zip(colleagues, goals, strict=True):
        _advance(colleague.worker_id, goal, actor)
    return colleagues[:n]


def expire_some_documents(colleagues: list[Colleague], today: date, actor: Actor) -> None:
    """Three certificates are about to expire; that of the last cleaner did some days ago."""
    ends = {1: 9, 4: 17, 8: 26, len(colleagues) - 1: -5}
    with transaction(actor) as session:
        for index, days in ends.items():
            worker = session.get_one(Worker, colleagues[index].worker_id)
            for document in worker.documents:
                if document.kind == "health":
                    document.valid_to = today + timedelta(days=days)


def _partners(session: Session, branch_id: int) -> list[int]:
    partners = [
        Partner(branch_id=branch_id, code=code, name=name, contact_name=contact)
        for code, name, contact in PARTNERS
    ]
    session.add_all(partners)
    session.flush()
    return [partner.id for partner in partners]


def _worker(
    session: Session,
    number: int,
    person: DemoWorker,
    reference: Reference,
    partners: list[int],
) -> Colleague:
    account = _account(person)
    session.add(account)
    session.flush()
    from_partner = person.employment == "partner"
    worker = Worker(
        account_id=account.id,
        branch_id=reference.branch_id,
        number=f"W{number:06d}",
        name=person.name,
        kind=person.employment,
        partner_id=partners[number % len(partners)] if from_partner else None,
        level=max(skill.level for skill in person.skills),
        home_lat=person.home_lat,
        home_lng=person.home_lng,
        daily_cap=person.max_visits_a_day,
        radius_km=person.radius_km,
        introduction=person.bio,
        avatar_color=person.avatar_colour,
        created_at=morning(person.joined_on),
    )
    session.add(worker)
    session.flush()
    payout = _add_belongings(session, worker.id, number, person, reference)
    return Colleague(worker.id, payout.id, number, person)


def _account(person: DemoWorker) -> WorkerAccount:
    tail = person.phone[-4:]
    return WorkerAccount(
        phone=person.phone,
        phone_index=phone_index(person.phone),
        phone_tail=tail,
        phone_tail_index=blind_index("phone_tail", tail),
        created_at=morning(person.joined_on),
    )


def _add_belongings(
    session: Session, worker_id: int, number: int, person: DemoWorker, reference: Reference
) -> PayoutAccount:
    served = sorted({geography.area_of(code).code for code in person.districts})
    openid = f"demo-openid-{number:05d}"
    payout = PayoutAccount(
        worker_id=worker_id,
        channel="wechat",
        holder_name=person.name,
        account=openid,
        account_tail=openid[-4:],
    )
    session.add_all(
        [
            *(WorkerArea(worker_id=worker_id, area_id=reference.areas[code]) for code in served),
            *(
                WorkerSkill(
                    worker_id=worker_id,
                    skill_id=reference.skills[skill.code],
                    level=skill.level,
                    valid_from=skill.valid_from,
                    valid_to=skill.valid_to,
                )
                for skill in person.skills
            ),
            payout,
        ]
    )
    session.flush()
    return payout


def _documents(colleague: Colleague, today: date, status: str) -> list[WorkerDocument]:
    numbers = {
        "id_card": (_identity_number(colleague.number, colleague.made), 3650),
        "health": (f"粤穗健{today:%Y}{colleague.number:06d}", 300),
    }
    return [
        WorkerDocument(
            worker_id=colleague.worker_id,
            kind=kind,
            number=number,
            number_index=blind_index("document", number),
            valid_to=today + timedelta(days=days),
            status=status,
        )
        for kind, (number, days) in numbers.items()
    ]


def _identity_number(number: int, person: DemoWorker) -> str:
    """Looks like one, and is nobody's: district 440199 does not exist."""
    born = 2002 - person.experience_years
    return f"440199{born}0{number % 9 + 1}{number % 28 + 1:02d}{number:03d}0"


def _advance(worker_id: int, status: WorkerStatus, actor: Actor) -> None:
    """Lead an application as far as it got."""
    if status is WorkerStatus.APPLIED:
        return
    stops = APPLICATION.index(status) + 1 if status in APPLICATION else len(APPLICATION)
    steps = APPLICATION[:1] if status is WorkerStatus.REJECTED else APPLICATION[:stops]
    with transaction(actor) as session:
        worker = session.get_one(Worker, worker_id)
        for step in steps:
            move(worker, step)
        if status is WorkerStatus.REJECTED:
            move(worker, WorkerStatus.REJECTED)
    if status in (WorkerStatus.APPROVED, WorkerStatus.SUSPENDED, WorkerStatus.LEFT):
        approval.approve(worker_id, "资料齐全，面试通过", actor=actor)
    if status is WorkerStatus.SUSPENDED:
        approval.suspend(worker_id, "客户投诉核实中", actor=actor)
    if status is WorkerStatus.LEFT:
        approval.leave(worker_id, "回老家发展", actor=actor)
