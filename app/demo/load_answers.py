"""The story goes on: the order is offered, refused by some, and taken by somebody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from app.demo import texts
from app.demo.load_orders import OrderStory
from app.domain.actors import SYSTEM, Actor
from app.domain.errors import RuleViolation
from app.domain.states import OfferStatus, OrderStatus
from app.extensions import db
from app.models import Candidate, DispatchPolicy, Offer
from app.services import clock
from app.services.dispatch import answering, dispatching, finding, policies

MAY_REJECT_ROUNDS = 2


class AnsweredStory(OrderStory):
    """An order that looks for its workers."""

    def dispatch(self) -> None:
        if self.order.status != OrderStatus.PENDING_DISPATCH:
            return
        with self._way_of_asking():
            offered = dispatching.dispatch_order(self.order_id, actor=SYSTEM)
        if not offered and self.plan.ending != "nobody":
            dispatcher = self.cast.staff["dispatcher"]
            self.stage.after(timedelta(minutes=12), self._force, dispatcher)
        live = sa.select(Offer).filter_by(order_id=self.order_id, status=OfferStatus.LIVE.value)
        for offer in db.session.scalars(live.order_by(Offer.id)).all():
            if offer.created_at == clock.now():
                self._await_answer(offer)

    @contextmanager
    def _way_of_asking(self) -> Iterator[None]:
        """The branch's, or several workers at once while an operator lets them compete."""
        if self.plan.ending != "contested":
            yield
            return
        ops = self.cast.staff["ops"]
        rivals = sa.select(DispatchPolicy.id).filter_by(mode="broadcast")
        policy_id = db.session.scalars(rivals.order_by(DispatchPolicy.id).limit(1)).one()
        policies.activate(policy_id, actor=ops)
        yield
        policies.deactivate(policy_id, actor=ops)

    def _await_answer(self, offer: Offer) -> None:
        actor = Actor("worker", offer.worker_id)
        chance = self.rng.random()
        if self.plan.ending == "before_answer":
            return
        if self.plan.ending == "slept" and self.order.dispatch_round == 1:
            self.stage.at(offer.expires_at, partial(self._expire, offer.id))
        elif self.plan.ending == "contested":
            self._soon(60, partial(self._accept_first, offer.id, offer.worker_id), actor)
        elif self.plan.ending == "nobody":
            self._soon(20, partial(self._reject, offer.id, offer.worker_id), actor)
        elif chance < 0.12 and self._others_are_fit(offer):
            later = timedelta(seconds=self.rng.randint(60, 400))
            self.stage.after(later, partial(self._reject, offer.id, offer.worker_id), actor)
        elif chance < 0.15 and self._others_are_fit(offer):
            self.stage.at(offer.expires_at, partial(self._expire, offer.id))
        else:
            later = timedelta(seconds=self.rng.randint(20, 420))
            self.stage.after(later, partial(self._accept, offer.id, offer.worker_id), actor)

    def _others_are_fit(self, offer: Offer) -> bool:
        fit = sa.select(sa.func.count(Candidate.id)).where(
            Candidate.run_id == offer.run_id, Candidate.score.is_not(None)
        )
        early = self.order.dispatch_round <= MAY_REJECT_ROUNDS
        return early and (db.session.scalar(fit) or 0) >= self.order.crew_size + 2

    def _accept(self, offer_id: int, worker_id: int) -> None:
        try:
            answering.accept_offer(offer_id, worker_id, actor=Actor("worker", worker_id))
        except RuleViolation:
            # An offer claims nobody's time: meanwhile she took another order.
            self._reject(offer_id, worker_id, "time_conflict")
        else:
            self._after_answer()

    def _accept_first(self, offer_id: int, worker_id: int) -> None:
        """Unless somebody else was quicker."""
        if db.session.get_one(Offer, offer_id).status == OfferStatus.LIVE:
            self._accept(offer_id, worker_id)

    def _reject(self, offer_id: int, worker_id: int, code: str = "") -> None:
        code = code or texts.reject_reason(self.rng).code
        actor = Actor("worker", worker_id)
        answering.reject_offer(offer_id, worker_id, reason_code=code, actor=actor)
        self._after_answer()

    def _expire(self, offer_id: int) -> None:
        answering.expire_offer(offer_id)
        self._after_answer()

    def _force(self) -> None:
        """The dispatcher persuades somebody who is free."""
        order, dispatcher = self.order, self.cast.staff["dispatcher"]
        if order.status != OrderStatus.PENDING_DISPATCH:
            return
        able = [v for v in finding.judge(order, ignoring_refusals=True) if not v.broken]
        for verdict in able[: order.crew_size]:
            dispatching.force_assign(
                order.id, verdict.worker.id, reason="电话沟通后同意接单", actor=dispatcher
            )
        self._after_answer()

    def _after_answer(self) -> None:
        if self.order.status == OrderStatus.PENDING_DISPATCH:
            self._soon(2, self.dispatch)
        if self.order.status == OrderStatus.ACCEPTED:
            self.accepted()

    def accepted(self) -> None:
        """The visit stands; what follows is told by load_visits."""
        raise NotImplementedError
