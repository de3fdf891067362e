"""What a customer sees of each date before confirming a plan, and what confirming makes of it."""

from datetime import date, timedelta

import pytest

from app.domain.actors import SYSTEM
from app.domain.errors import Conflict, InvalidInput, RuleViolation
from app.domain.recurrence import Repeats
from app.models import Holiday
from app.services.customers import addresses
from app.services.plans import making
from app.services.plans.making import Choice
from app.services.system import parameters
from tests import factories
from tests.money.support import put
from tests.plans.support import THURSDAY, at, dates, look, occurrence, plan, states, story, wish


def rest(day, kind="rest"):
    factories.save(Holiday(day=day, kind=kind, name="假日"))


def test_dates_are_free_within_the_horizon_and_too_far_beyond_it(app):
    company = factories.company()
    factories.worker(company, days=40)

    assert states(company)[:5] == [
        ("05-09", "free"), ("05-16", "free"), ("05-23", "free"), ("05-30", "free"),
        ("06-06", "too_far"),
    ]  # fmt: skip


def test_a_date_on_which_the_wished_worker_is_taken_is_another_workers(app):
    company = factories.company()
    wished = factories.worker(company, days=40)
    taken = factories.hold(company, at(THURSDAY, 15), worker_id=wished.id)

    nobody_else = look(company, wish(worker_id=wished.id)).dates[0]
    factories.worker(company, days=40)
    other = look(company, wish(worker_id=wished.id)).dates[0]

    assert (nobody_else.state, nobody_else.reason) == ("other_time", "time_held")
    assert nobody_else.alternatives[0] == taken.starts_at - timedelta(minutes=150)
    assert other.state == "other_worker"


def test_a_day_without_anybody_says_why_and_names_times_nearby(app):
    company = factories.company()
    factories.worker(company, days=3)  # until Wednesday
    factories.worker(company, status="suspended")  # her shifts are known

    seen = look(company).dates[0]

    assert (seen.state, seen.reason) == ("other_time", "off_shift")
    assert seen.alternatives[0] == at(date(2030, 5, 8), 14)
    assert (look(company).dates[1].state, look(company).dates[1].reason) == ("too_far", "no_roster")


def test_a_time_at_which_nobody_ever_starts_says_so(app):
    company = factories.company()
    factories.worker(company, days=40)

    seen = [look(company, wish(start_minute=minute)).dates[0] for minute in (10 * 60 + 10, 23 * 60)]

    assert [(one.state, one.reason) for one in seen] == [("other_time", "slot_not_offered")] * 2


def test_a_rest_day_is_left_out_unless_the_plan_keeps_holidays(app):
    company = factories.company()
    factories.worker(company, days=40)
    rest(THURSDAY)
    rest(date(2030, 5, 16), kind="working")

    assert states(company)[:2] == [("05-09", "holiday"), ("05-16", "free")]
    assert states(company, wish(on_holidays="keep"))[0] == ("05-09", "other_time")
    parameters.set_parameter("booking.rest_days", True, actor=SYSTEM)
    assert states(company, wish(on_holidays="keep"))[0] == ("05-09", "free")
    assert [seen.day_kind for seen in look(company).dates[:3]] == ["rest", "working", ""]


def test_a_plan_has_each_date_as_it_was_chosen(app):
    company = factories.company()
    factories.worker(company, days=25)  # until 30 May
    rest(date(2030, 5, 30))
    later = at(date(2030, 5, 24), 9)
    choices = [Choice(THURSDAY, "skip"), Choice(date(2030, 5, 23), starts_at=later)]

    row = plan(company, choices=choices, note="带鞋套")

    assert dates(row) == [
        ("05-09", "skipped", "by_customer"), ("05-16", "planned", ""), ("05-23", "planned", ""),
        ("05-30", "skipped", "holiday"),
    ]  # fmt: skip
    assert occurrence(row, date(2030, 5, 23)).starts_at == later
    assert (row.rrule, row.status, row.note) == ("FREQ=WEEKLY;BYDAY=TH", "active", "带鞋套")
    assert story(row) == ["created"]


def test_a_date_that_nobody_can_serve_is_impossible_from_the_start(app):
    company = factories.company()
    factories.worker(company, days=10)  # until 15 May
    factories.worker(company, status="suspended", days=11)  # her shifts are known until the 16th

    assert dates(plan(company))[:3] == [
        ("05-09", "planned", ""),
        ("05-16", "impossible", "off_shift"),
        ("05-23", "planned", ""),  # nobody can tell yet
    ]


def test_a_holiday_can_be_kept_by_choice(app):
    company = factories.company()
    factories.worker(company, days=40)
    rest(THURSDAY)
    parameters.set_parameter("booking.rest_days", True, actor=SYSTEM)

    assert dates(plan(company, choices=[Choice(THURSDAY)]))[0] == ("05-09", "planned", "")


def test_what_changed_since_it_was_shown_is_shown_again(app):
    company = factories.company()
    someone = factories.worker(company, days=40)
    shown = look(company)
    factories.hold(company, at(THURSDAY, 14), worker_id=someone.id)

    with pytest.raises(RuleViolation) as refusal:
        making.create_plan(
            company.customer.id, shown.quote.number, wish(), shown.hash,
            actor=factories.acting(company.customer),
        )  # fmt: skip

    assert refusal.value.code == "changed_since_shown"


def test_a_time_that_is_not_free_cannot_be_chosen(app):
    company = factories.company()
    factories.worker(company, days=40)

    with pytest.raises(Conflict) as refusal:
        plan(company, choices=[Choice(THURSDAY, starts_at=at(THURSDAY, 6))])

    assert refusal.value.code == "slot_taken"
    assert {one["total_fen"] for one in refusal.value.details["alternatives"]} == {19_900}


def test_two_dates_cannot_be_at_one_time(app):
    company = factories.company()
    factories.worker(company, days=40)
    wanted = wish(repeats=Repeats("weekly", ("WE", "TH")))

    with pytest.raises(RuleViolation) as refusal:
        plan(company, wanted, choices=[Choice(THURSDAY, starts_at=at(date(2030, 5, 8), 15))])

    assert refusal.value.code == "dates_overlap"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"starts_on": date(2030, 7, 1)}, "plan_days_invalid"),
        ({"ends_on": date(2030, 5, 1)}, "plan_days_invalid"),
        ({"ends_on": date(2030, 5, 8)}, "plan_without_dates"),
        ({"repeats": Repeats("weekly")}, "repeat_invalid"),
        ({"start_minute": 1440}, "invalid_input"),
    ],
)
def test_a_plan_without_sense_is_refused(app, more, code):
    company = factories.company()

    with pytest.raises(InvalidInput) as refusal:
        look(company, wish(**more))

    assert refusal.value.code == code


def test_a_customer_has_only_so_many_plans(app):
    from app.services.system import parameters

    company = factories.company()
    factories.worker(company, days=40)
    for _ in range(parameters.get("plan.most")):
        plan(company, wish(ends_on=THURSDAY), choices=[Choice(THURSDAY, "skip")])

    with pytest.raises(RuleViolation) as refusal:
        plan(company)

    assert refusal.value.code == "plans_limit"


def test_the_address_of_a_living_plan_stays_on_the_list(app):
    company = factories.company()
    factories.worker(company, days=40)
    row = plan(company)
    key, by = company.customer.id, {"actor": factories.acting(company.customer)}

    with pytest.raises(RuleViolation) as refused:
        addresses.archive_address(key, company.address.id, **by)

    assert (refused.value.code, refused.value.details["plan"]) == ("address_of_plan", row.number)
    put(row, status="ended")
    addresses.archive_address(key, company.address.id, **by)
    assert addresses.addresses_of(key) == []
