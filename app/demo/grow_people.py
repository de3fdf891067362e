"""The people of a grown company: everybody of the model company again, with a name of her own.

A *team* has a counterpart of each model worker: the same trade, areas and hours, so that whatever
the model worker did, the counterpart can have done. A *quarter* has a counterpart of each model
customer, some steps away from the model's home.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from app import models as m
from app.demo import people
from app.demo.bulk import Bulk, Cells
from app.demo.load_orders import Cast
from app.demo.people_words import FEMALE_NAMES, MALE_NAMES, SURNAMES
from app.domain.ledger import CHART, IN_TRANSIT, WORKER_AVAILABLE, WORKER_CASH, WORKER_FROZEN
from app.extensions import db
from app.models.crypto import blind_index
from app.services import clock

Row = dict[str, Any]
STEPS = 0.0015  # degrees between a model customer and her counterparts, at most
WORKER_ACCOUNTS = (WORKER_FROZEN, WORKER_AVAILABLE, IN_TRANSIT, WORKER_CASH)
BELONGINGS = (m.WorkerSkill, m.WorkerArea, m.WorkerDocument, m.PayoutAccount)


@dataclass
class Team:
    """Model worker -> counterpart, and what belongs to the counterparts."""

    workers: dict[int, int] = field(default_factory=dict)
    payout: dict[int, int] = field(default_factory=dict)  # by counterpart


@dataclass(frozen=True, slots=True)
class Resident:
    """A customer as an order copies her."""

    id: int
    name: str
    phone: str
    homes: dict[int, tuple[int, str]]  # model address -> own address, its text


@dataclass
class Quarter:
    joined_on: date
    north: float = 0.0
    east: float = 0.0
    residents: dict[int, Resident] = field(default_factory=dict)  # by model customer


@dataclass
class Crowd:
    """Everybody. The first team and quarter are the model company's own."""

    teams: list[Team]
    quarters: list[Quarter]
    accounts: dict[tuple[str, int], int]  # code and worker -> ledger account

    def open_on(self, day: date) -> int:
        """How many quarters had joined by that day; they are sorted by it."""
        return sum(quarter.joined_on <= day for quarter in self.quarters)


class Settlers:
    """Makes the people of the teams and quarters beyond the model's."""

    def __init__(self, bulk: Bulk, cast: Cast, rng: random.Random) -> None:
        self._bulk = bulk
        self._cast = cast
        self._rng = rng
        self._workers = _rows(m.Worker, m.Worker.id.in_([c.worker_id for c in cast.colleagues]))
        accounts = [row["account_id"] for row in self._workers]
        self._logins = {
            r["id"]: r for r in _rows(m.WorkerAccount, m.WorkerAccount.id.in_(accounts))
        }
        self._belongings = {model: _by_worker(model) for model in BELONGINGS}
        self._customers = _rows(m.CustomerAccount)
        self._addresses: dict[int, list[Row]] = defaultdict(list)
        for row in _rows(m.Address):
            self._addresses[row["customer_id"]].append(row)

    def settle(self, teams: int, quarters: int, first: date, today: date) -> Crowd:
        """The crowd, its rows waiting in the bulk. The first quarters joined before `first`."""
        crowd = Crowd([self._model_team()], [], _accounts())
        for worker in crowd.teams[0].workers:
            self._open_accounts(worker, crowd)
        for number in range(1, teams):
            crowd.teams.append(self._team(number, first, crowd))
        span = (today - first).days
        for number in range(1, quarters):
            days = number * (span + 60) // quarters - 60
            crowd.quarters.append(
                self._quarter(number, first + timedelta(days=min(days, span - 2)))
            )
        crowd.quarters.insert(0, self._model_quarter(first))
        return crowd

    def _model_team(self) -> Team:
        payout = {c.worker_id: c.payout_account_id for c in self._cast.colleagues}
        return Team({worker_id: worker_id for worker_id in payout}, payout)

    def _model_quarter(self, first: date) -> Quarter:
        quarter = Quarter(first - timedelta(days=90))
        for customer in self._customers:
            homes = {a["id"]: (a["id"], a["detail"]) for a in self._addresses[customer["id"]]}
            resident = Resident(customer["id"], customer["name"], customer["phone"], homes)
            quarter.residents[customer["id"]] = resident
        return quarter

    def _team(self, number: int, first: date, crowd: Crowd) -> Team:
        team, joined = Team(), _morning(first - timedelta(days=number % 60 + 1))
        count = len(self._workers)
        worker = self._bulk.keys(m.Worker.__table__, count)
        login = self._bulk.keys(m.WorkerAccount.__table__, count)
        for place, model in enumerate(self._workers):
            turn, name = number * 100 + place, self._name()
            phone = people.worker_phone(10_000 + turn)
            new = {"id": login + place, "created_at": joined, **_reached(phone)}
            self._write(m.WorkerAccount, self._logins[model["account_id"]] | new)
            new = {
                "id": worker + place, "account_id": login + place, "name": name,
                "number": f"W{100_000 + turn:06d}", "created_at": joined,
                "rating_sum": 0, "rating_count": 0, "photo_key": None,
            }  # fmt: skip
            self._write(m.Worker, model | new)
            team.workers[model["id"]] = worker + place
            self._equip(team, model["id"], worker + place, name, turn, crowd)
        return team

    def _equip(
        self, team: Team, model: int, worker: int, name: str, turn: int, crowd: Crowd
    ) -> None:
        for kind in BELONGINGS:
            for row in self._belongings[kind][model]:
                new: Row = {"id": self._bulk.keys(kind.__table__), "worker_id": worker}
                if kind is m.WorkerDocument:
                    new["number"] = f"{row['number'][:-4]}{turn:06d}"[-30:]
                    new["number_index"] = blind_index("document", new["number"])
                if kind is m.PayoutAccount:
                    openid = f"demo-openid-{100_000 + turn}"
                    new |= {"holder_name": name, "account": openid, "account_tail": openid[-4:]}
                    team.payout[worker] = new["id"]
                self._write(kind, row | new)
        self._open_accounts(worker, crowd)

    def _open_accounts(self, worker: int, crowd: Crowd) -> None:
        for code in WORKER_ACCOUNTS:
            if (code, worker) not in crowd.accounts:
                crowd.accounts[code, worker] = self._account(code, worker)

    def _account(self, code: str, worker: int) -> int:
        key = self._bulk.keys(m.LedgerAccount.__table__)
        row = {
            "id": key, "code": code, "owner_kind": "worker", "owner_id": worker, "balance_fen": 0,
            "normal": CHART[code].normal, "minimum_fen": CHART[code].minimum_fen,
        }  # fmt: skip
        self._write(m.LedgerAccount, row)
        return key

    def _quarter(self, number: int, joined_on: date) -> Quarter:
        north, east = (self._rng.uniform(-STEPS, STEPS) for _ in range(2))
        quarter = Quarter(joined_on, north, east)
        count = len(self._customers)
        first = self._bulk.keys(m.CustomerAccount.__table__, count)
        identity = self._bulk.keys(m.CustomerIdentity.__table__, count)
        at = _morning(joined_on)
        for place, model in enumerate(self._customers):
            name = self._name()
            phone = people.customer_phone(10_000 + number * 1_000 + place)
            reached = _reached(phone)
            new = {"id": first + place, "name": name, "created_at": at, **reached}
            self._write(m.CustomerAccount, model | new)
            self._write(
                m.CustomerIdentity,
                {"id": identity + place, "customer_id": first + place, "kind": "phone",
                 "subject_index": reached["phone_index"], "created_at": at},
            )  # fmt: skip
            homes = self._homes(quarter, model["id"], first + place, name, phone, at)
            quarter.residents[model["id"]] = Resident(first + place, name, phone, homes)
        return quarter

    def _homes(
        self, quarter: Quarter, model: int, customer: int, name: str, phone: str, at: datetime
    ) -> dict[int, tuple[int, str]]:
        homes = {}
        for row in self._addresses[model]:
            key = self._bulk.keys(m.Address.__table__)
            street = row["detail"].rstrip("0123456789号栋座房ABCDEF")
            detail = (
                f"{street}{self._rng.randint(1, 88)}号{self._rng.randint(2, 30)}0{key % 8 + 1}房"
            )
            new = {
                "id": key, "customer_id": customer, "detail": detail, "contact_name": name,
                "contact_phone": phone, "created_at": at,
                "lat": row["lat"] + quarter.north, "lng": row["lng"] + quarter.east,
            }  # fmt: skip
            self._write(m.Address, row | new)
            homes[row["id"]] = key, detail
        return homes

    def _name(self) -> str:
        given = FEMALE_NAMES if self._rng.random() < 0.6 else MALE_NAMES
        return self._rng.choices(list(SURNAMES), list(SURNAMES.values()))[0] + self._rng.choice(
            given
        )

    def _write(self, model: type[Any], values: Row) -> None:
        table = model.__table__
        cells: Cells = self._bulk.row(table, values)
        self._bulk.add(table.name, [cells])


def _reached(phone: str) -> Row:
    tail = phone[-4:]
    return {
        "phone": phone,
        "phone_index": blind_index("phone", phone),
        "phone_tail": tail,
        "phone_tail_index": blind_index("phone_tail", tail),
    }


def _accounts() -> dict[tuple[str, int], int]:
    account = m.LedgerAccount
    query = sa.select(account.code, account.owner_id, account.id)
    return {(code, owner): key for code, owner, key in db.session.execute(query)}


def _rows(model: type[Any], *where: Any) -> list[Row]:
    table = model.__table__
    query = sa.select(table).where(*where).order_by(table.c.id)
    return [dict(row) for row in db.session.execute(query).mappings()]


def _by_worker(model: type[Any]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in _rows(model):
        found[row["worker_id"]].append(row)
    return found


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(10), clock.city_zone()).astimezone(UTC)
