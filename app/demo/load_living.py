"""What is going on in the demo at this hour beside the orders: held times, files, jobs."""

from datetime import timedelta

from app import models as m
from app.demo import catalogue
from app.demo.load_orders import Cast
from app.demo.load_scene import at
from app.domain.actors import Actor
from app.domain.errors import Conflict, RuleViolation
from app.models import Quote, SlotHold
from app.services import clock
from app.services.orders import holds, quotes
from app.services.orders.quotes import ItemWish, OptionWish
from app.services.roster import slots
from app.services.system import exports, timers
from app.services.transactions import transaction

MINUTE = timedelta(minutes=1)
SERVICE = "clean.kitchen"
DAYS_TRIED = range(1, 8)
# Whoever came last orders (load_history); these came before them, and only look at times.
LOOKING = (-18, -19, -20)
MADE_LIST = "ServiceView"


def load_living(cast: Cast) -> None:
    _hold_times(cast)
    _export(cast.staff["ops"])


def _hold_times(cast: Cast) -> None:
    """One time was held too long, one was given back, one is held now."""
    with at(clock.now() - 40 * MINUTE):
        _hold(cast, LOOKING[0])
    with at(clock.now() - 20 * MINUTE):
        timers.fire_due()
    given_back = _hold(cast, LOOKING[1])
    if given_back is not None:
        customer_id = given_back.customer_id
        holds.release_hold(customer_id, given_back.number, actor=Actor("customer", customer_id))
    _hold(cast, LOOKING[2])


def _hold(cast: Cast, place: int) -> SlotHold | None:
    """The first time of the next days that is still free when it is asked for."""
    household = cast.households[place]
    actor = Actor("customer", household.customer_id)
    quote = quotes.make_quote(
        household.customer_id, household.address_ids[0], [_wish(cast)], actor=actor
    )
    for ahead in DAYS_TRIED:
        held = _hold_on(cast, quote, ahead, actor)
        if held is not None:
            return held
    return None


def _wish(cast: Cast) -> ItemWish:
    """One service with the first answer to each question that must be answered."""
    spec, reference = catalogue.SERVICES_BY_CODE[SERVICE], cast.reference
    required = [group for group in spec.groups if group.required]
    ids = [reference.options[SERVICE, group.code, group.options[0].code] for group in required]
    return ItemWish(reference.services[SERVICE], options=[OptionWish(key) for key in ids])


def _hold_on(cast: Cast, quote: Quote, ahead: int, actor: Actor) -> SlotHold | None:
    day = clock.today() + timedelta(days=ahead)
    found = slots.free_times(quote, cast.reference.branch_id, day, day)[0].slots
    for slot in found[:1]:
        try:
            return holds.hold_slot(quote.customer_id, quote.number, slot.starts_at, actor=actor)
        except (Conflict, RuleViolation):
            continue
    return None


def _export(actor: Actor) -> None:
    """A list as a file, made by its job, and a run of that job that failed."""
    export_id = exports.ask(MADE_LIST, "服务项目", "", locale="zh", actor=actor)
    exports.make(export_id)
    failed_at = clock.now() - 8 * 24 * 60 * MINUTE
    with transaction(actor) as session:
        session.add(
            m.JobRun(
                job="export", status="failed", asked_by_id=actor.id, message="磁盘空间不足",
                error_class="OSError", started_at=failed_at, heartbeat_at=failed_at,
                finished_at=failed_at + MINUTE,
            )
        )  # fmt: skip
