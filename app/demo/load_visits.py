"""The rest of an order's story: the visit, its end, and what the customer says of it."""

import secrets
from datetime import date, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from app.demo import texts
from app.demo.load_answers import AnsweredStory
from app.demo.load_pictures import Picture
from app.demo.load_stage import Action
from app.domain.actors import Actor
from app.domain.geo import Point
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Attachment, Order, Refund, Visit
from app.services import clock
from app.services.money import offline
from app.services.orders import confirming, events, exceptions
from app.services.quality import reviews
from app.services.transactions import transaction
from app.services.visits import absence, checking
from app.services.visits.checking import Presence

DEGREES_NEARBY = 0.0004  # about 45 m
REVIEWED_SHARE = 0.62
NOT_COMING = (OrderStatus.CLOSED, OrderStatus.PENDING_PAYMENT)


class VisitStory(AnsweredStory):
    """An order that is served, if its hour has come.

    Three things are left lying for the living demo: today's last worker is still on her way,
    yesterday's last one forgot to check out, and yesterday's customers did not confirm.
    """

    def accepted(self) -> None:
        start = self.order.planned_start
        early = timedelta(minutes=self.rng.randint(8, 17))
        self._worker_acts(start - early, self.depart)

    def depart(self) -> None:
        visit = self._visit()
        checking.depart(visit.id, self._lead(), self._presence(), actor=self._worker())
        if self.plan.ending == "absent":
            self._worker_acts(self.order.promised_from, self.ring_in_vain)
            return
        late = timedelta(minutes=self.rng.randint(-4, 12))
        self._worker_acts(visit.planned_start + late, self.check_in)

    def check_in(self) -> None:
        visit, order = self._visit(), self.order
        if order.service_on == self._today() and self._last_of_day(order):
            return
        presence = self._presence()
        if self.rng.random() < 0.08:
            presence = Presence(code=checking.visit_code(visit.id))
        checking.check_in(visit.id, self._lead(), presence, actor=self._worker())
        self._soon(120, partial(self.keep_photos, "before", 1), self._worker())
        if self.plan.ending == "broken":
            self._soon(40 * 60, self.report_trouble, self._worker())
            return
        over = timedelta(minutes=self.rng.randint(-15, 1))
        self._worker_acts(
            max(visit.planned_end + over, clock.now() + timedelta(minutes=20)), self.check_out
        )

    def ring_in_vain(self) -> None:
        """She waits and calls; customer service believes her."""
        at_the_door = Point(self.order.lat, self.order.lng)
        absence.arrive(self._visit().id, self._lead(), at_the_door, actor=self._worker())
        self._soon(21 * 60, self.report_absence, self._worker())

    def report_absence(self) -> None:
        calls = [clock.now() - timedelta(minutes=ago) for ago in (12, 4)]
        report = absence.report(
            self._visit().id, self._lead(), Point(self.order.lat, self.order.lng), calls=calls,
            note="敲门无人应答，电话未接", actor=self._worker(),
        )  # fmt: skip
        service = self.cast.staff["service"]
        decide = partial(self.believe_her, report.id, service)
        self._soon(5 * 60, decide, service)

    def believe_her(self, report_id: int, service: Actor) -> None:
        note = "客户回电，确认忘记预约"
        absence.decide(report_id, confirm=True, note=note, actor=service)
        for refund in db.session.scalars(sa.select(Refund).filter_by(order_id=self.order_id)):
            self._soon(600, partial(self._refund_arrives, refund.number))

    def report_trouble(self) -> None:
        """Operations have not decided yet how it goes on."""
        exceptions.report(
            self.order_id, reason="水管漏水，无法继续", worker_id=self._lead(), actor=self._worker()
        )

    def check_out(self) -> None:
        order = self.order
        if order.service_on == self._yesterday() and self._last_of_day(order):
            return
        self.keep_photos("after", 2)
        checking.check_out(self._visit().id, self._lead(), self._presence(), actor=self._worker())
        self._plan_end(order)

    def _plan_end(self, order: Order) -> None:
        by_clock = order.service_on == self._yesterday() or self.rng.random() < 0.25
        if by_clock:
            hours = timedelta(hours=order.rules["visit.confirm_hours"])
            self.stage.after(hours, self.confirm_by_itself)
        else:
            pause = timedelta(minutes=self.rng.randint(10, 1200))
            self.stage.after(pause, self.confirm, self.customer)
        if self._attempt_id and order.unpaid_fen:
            self._soon(180, self.take_cash)
        elif order.pay_mode == "after" and self.rng.random() < 0.93:
            self.stage.after(
                timedelta(minutes=self.rng.randint(5, 9)), self.open_payment, self.customer
            )

    def take_cash(self) -> None:
        """The worker hands it in at the office within two days."""
        amount = self.order.unpaid_fen
        taken = offline.receive_cash(self._visit().id, self._lead(), amount, actor=self._worker())
        finance = self.cast.staff["finance_make"]
        hand_in = partial(offline.hand_in_cash, taken.id, actor=finance)
        self.stage.after(timedelta(hours=self.rng.randint(30, 44)), hand_in, finance)

    def confirm(self) -> None:
        confirming.confirm_order(self._customer_id(), self.order_id, actor=self.customer)
        self._plan_review()

    def confirm_by_itself(self) -> None:
        confirming.confirm_by_itself(self.order_id)
        self._plan_review()

    def _plan_review(self) -> None:
        if self.rng.random() < REVIEWED_SHARE:
            pause = timedelta(minutes=self.rng.randint(3, 3 * 24 * 60))
            self.stage.after(pause, self.review, self.customer)

    def review(self) -> None:
        said = texts.review(self.rng, self.main_service)
        reviews.review_order(
            self._customer_id(),
            self.order_id,
            quality=said.quality,
            attitude=said.attitude,
            skill=said.skill,
            text=said.text,
            actor=self.customer,
        )

    def keep_photos(self, kind: str, number: int) -> None:
        for picture in self.rng.sample(self.cast.pictures[kind], number):
            self._keep_photo(kind, picture)

    def _keep_photo(self, kind: str, picture: Picture) -> None:
        """As attachments.add_photo does, with a picture that is in the storage already."""
        with transaction(self._worker()) as session:
            attachment = Attachment(
                key=secrets.token_urlsafe(24),
                order_id=self.order_id,
                visit_id=self._visit().id,
                kind=kind,
                uploaded_by_id=self._lead(),
                **picture.columns(),
            )
            session.add(attachment)
            session.flush()
            events.record(
                self.order,
                "file_added",
                actor=self._worker(),
                attachment_id=attachment.id,
                file_kind=kind,
            )

    def _worker_acts(self, instant: datetime, act: Action) -> None:
        self.stage.at(instant, act, self._worker())

    def _worker(self) -> Actor:
        return Actor("worker", self._lead())

    def _lead(self) -> int:
        lead = self.order.lead_worker_id
        assert lead is not None  # noqa: S101  # accepted orders have one
        return lead

    def _customer_id(self) -> int:
        return self.plan.household.customer_id

    def _visit(self) -> Visit:
        return db.session.scalars(sa.select(Visit).filter_by(order_id=self.order_id)).one()

    def _presence(self) -> Presence:
        north, east = (self.rng.uniform(-1, 1) * DEGREES_NEARBY for _ in range(2))
        return Presence(Point(self.order.lat + north, self.order.lng + east))

    def _today(self) -> date:
        return clock.city_date(self.stage.end)

    def _yesterday(self) -> date:
        return clock.city_date(self.stage.end - timedelta(days=1))

    def _last_of_day(self, order: Order) -> bool:
        later = sa.select(Order.id).where(
            Order.service_on == order.service_on,
            Order.status.not_in(NOT_COMING),
            Order.planned_start > order.planned_start,
        )
        return db.session.scalar(later.limit(1)) is None
