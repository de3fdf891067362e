"""Loads what stands in workers' files beside their papers: past work, training, hours, teams."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from app import models as m
from app.demo.load_pictures import draw_portrait
from app.demo.load_workers import Colleague
from app.domain.actors import Actor
from app.services.transactions import transaction
from app.services.workers import photos

# Whose files are filled; the others' are still to be written, as in any young company.
WELL_KNOWN = 12
IN_A_TEAM = 4
YEAR = timedelta(days=365)
EMPLOYERS = (
    ("广州好帮手家政有限公司", "日常保洁、开荒保洁"), ("佛山顺德某电器售后站", "空调与油烟机清洗"),
    ("东莞康乐养老院", "老人生活护理"), ("深圳贝贝月子中心", "母婴护理"),
    ("个体", "水电维修、管道疏通"),
)  # fmt: skip
COURSES = (
    ("入职培训：服务礼仪与安全", 8), ("消毒与清洁剂使用", 4), ("家电拆洗实操", 6),
    ("老人急救与翻身护理", 12),
)  # fmt: skip
# Turns of the week and the hours that people wish for, in minutes after midnight.
WISHES = (((0, 1, 2, 3, 4), 480, 1080), ((1, 3, 5), 540, 1200), ((5, 6), 480, 1140))
TEAMS = ("深度保洁一组", "家电清洗组")


def load_files(
    colleagues: Sequence[Colleague], branch_id: int, today: date, rng: random.Random, actor: Actor
) -> None:
    for colleague in colleagues[:WELL_KNOWN]:
        photos.change_photo(colleague.worker_id, draw_portrait(rng), actor=actor)
    with transaction(actor) as session:
        for n, colleague in enumerate(colleagues[:WELL_KNOWN]):
            session.add_all(_file(n, colleague.worker_id, today))
        teams = [colleagues[n * IN_A_TEAM : (n + 1) * IN_A_TEAM] for n in range(len(TEAMS))]
        for name, crew in zip(TEAMS, teams, strict=True):
            team = m.Team(branch_id=branch_id, name=name, lead_id=crew[0].worker_id)
            team.members = [m.TeamMember(worker_id=colleague.worker_id) for colleague in crew]
            session.add(team)


def _file(n: int, worker_id: int, today: date) -> Iterator[Any]:
    employer, work = EMPLOYERS[n % len(EMPLOYERS)]
    left = today - YEAR - timedelta(days=40 * n)
    yield m.Experience(
        worker_id=worker_id, employer=employer, work=work, started_on=left - 2 * YEAR,
        ended_on=left,
    )  # fmt: skip
    yield _training(n, worker_id, today)
    weekdays, start, end = WISHES[n % len(WISHES)]
    for weekday in weekdays:
        yield m.Availability(worker_id=worker_id, weekday=weekday, from_minute=start, to_minute=end)


def _training(n: int, worker_id: int, today: date) -> m.TrainingRecord:
    """Most have passed; every fourth is invited, and one has to come again."""
    course, hours = COURSES[n % len(COURSES)]
    if n % 4 == 3:
        ahead = today + timedelta(days=5 + n)
        return m.TrainingRecord(worker_id=worker_id, course=course, held_on=ahead, hours=hours)
    failed = n == 1
    held_on = today - timedelta(days=60 + 3 * n)
    return m.TrainingRecord(
        worker_id=worker_id, course=course, held_on=held_on, hours=hours,
        score=52 if failed else 80 + n, result="failed" if failed else "passed",
        valid_to=None if failed else held_on + 2 * YEAR, note="两周后补考" if failed else "",
    )  # fmt: skip
