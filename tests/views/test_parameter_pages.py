"""The rules of the house: everybody reads, who is named changes, nothing out of bounds."""

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.parameters import BY_KEY, DECLARED
from app.extensions import db
from app.models import Approval, ParameterChange
from app.services.system import parameters

pytestmark = pytest.mark.backends("sqlite")
DECIDES = {"business": "operations", "money": "finance", "system": "administrator"}


def test_every_rule_has_a_page_with_a_form_for_who_decides(app, staff_client):
    clients = {group: staff_client(role) for group, role in DECIDES.items()}
    for rule in DECLARED:
        page = clients[rule.group].get(f"/parameters/{rule.key}")
        assert page.status_code == 200, rule.key
        assert 'type="submit" class="btn btn-primary"' in page.text, rule.key
        assert "Never changed." in page.text


def test_all_rules_stand_on_one_page_and_can_be_searched(app, staff_client):
    client = staff_client("dispatcher")
    page = client.get("/parameters/").text
    assert [rule.key for rule in DECLARED if f"/parameters/{rule.key}" not in page] == []
    found = client.get("/parameters/?q=offer+rounds").text
    assert "/parameters/dispatch.rounds" in found
    assert "/parameters/booking.horizon_days" not in found
    assert "No rule fits." in client.get("/parameters/?q=nonsense").text


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("dispatch.rounds", {"value": "6"}, 6),
        ("dispatch.mode", {"value": "broadcast"}, "broadcast"),
        ("company.name", {"value": "广州到家"}, "广州到家"),
        ("booking.opens_minute", {"value": "07:30"}, 450),
        ("notification.quiet_to_minute", {"value": "00:00"}, 0),
        ("booking.closes_minute", {"value": "00:00"}, 1440),  # midnight, the end of the day
        (
            "dispatch.weights",
            {
                "weight_travel": "40", "weight_skill_fit": "10", "weight_rating": "20",
                "weight_load": "15", "weight_continuity": "15",
            },
            {"travel": 40, "skill_fit": 10, "rating": 20, "load": 15, "continuity": 15},
        ),
    ],
)  # fmt: skip
def test_a_change_is_in_force_and_in_the_history(app, staff_client, key, typed, value):
    client = staff_client(DECIDES[BY_KEY[key].group])
    answer = client.post(f"/parameters/{key}", data={**typed, "reason": "tried in May"})
    assert answer.status_code == 302
    assert parameters.get(key) == value
    change = db.session.scalars(sa.select(ParameterChange)).one()
    assert (change.key, change.old, change.new) == (key, BY_KEY[key].default, value)
    assert (change.actor_id, change.reason) == (client.staff.id, "tried in May")
    assert "tried in May" in client.get(f"/parameters/{key}").text


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("withdrawal.minimum_fen", {"value": "150.50"}, 15050),
        ("payment.methods", {"tick_wechat": "y", "tick_cash": "y"}, ["wechat", "cash"]),
    ],
)
def test_a_rule_about_money_changes_when_a_second_person_agrees(
    app, staff_client, key, typed, value
):
    asker, other = staff_client("finance"), staff_client("finance")
    asker.post(f"/parameters/{key}", data={**typed, "reason": "tried in May"})
    assert parameters.get(key) == BY_KEY[key].default
    asked = db.session.scalars(sa.select(Approval)).one().id
    assert f"/approvals/show/{asked}" in asker.get(f"/parameters/{key}").text
    again = asker.post(f"/parameters/{key}", data={**typed, "reason": "twice"})
    assert again.status_code == 409 or "already being asked" in again.text

    own = asker.post(f"/approvals/action/approve/{asked}", data={"note": ""})
    assert "Somebody else must decide" in own.text
    assert parameters.get(key) == BY_KEY[key].default
    other.post(f"/approvals/action/approve/{asked}", data={"note": "fine"})

    assert parameters.get(key) == value
    change = db.session.scalars(sa.select(ParameterChange)).one()
    assert (change.actor_id, change.reason) == (other.staff.id, "tried in May")


def test_a_rule_that_moved_meanwhile_is_not_changed_by_an_old_request(app, staff_client):
    key = "withdrawal.minimum_fen"
    asker, other = staff_client("finance"), staff_client("finance")
    asker.post(f"/parameters/{key}", data={"value": "150.50", "reason": "tried in May"})
    parameters.set_parameter(key, 5000, actor=SYSTEM)
    asked = db.session.scalars(sa.select(Approval)).one().id
    page = other.post(f"/approvals/action/approve/{asked}", data={"note": ""})
    assert "no longer as it was" in page.text
    assert parameters.get(key) == 5000
    assert db.session.get_one(Approval, asked).status == "asked"


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("dispatch.rounds", {"value": "21", "reason": "why not"}),
        ("dispatch.rounds", {"value": "six", "reason": "why not"}),
        ("booking.opens_minute", {"value": "480", "reason": "why not"}),
        ("booking.opens_minute", {"value": "24:00", "reason": "why not"}),
        ("dispatch.rounds", {"value": "6", "reason": ""}),
        ("dispatch.mode", {"value": "shouting", "reason": "why not"}),
        ("dispatch.mode", {"value": "", "reason": "why not"}),
        ("payment.methods", {"tick_gold": "y", "reason": "why not"}),
    ],
)
def test_a_value_that_is_not_allowed_changes_nothing(app, staff_client, key, typed):
    client = staff_client(DECIDES[BY_KEY[key].group])
    answer = client.post(f"/parameters/{key}", data=typed)
    assert answer.status_code == 422
    assert parameters.get(key) == BY_KEY[key].default
    assert db.session.scalar(sa.select(sa.func.count(ParameterChange.id))) == 0


def test_a_time_of_day_is_a_time_on_the_page_and_in_the_history(app, staff_client):
    client = staff_client("operations")
    page = client.get("/parameters/booking.opens_minute").text
    assert 'type="time"' in page
    assert 'value="08:00"' in page
    client.post("/parameters/booking.opens_minute", data={"value": "07:30", "reason": "summer"})
    page = client.get("/parameters/booking.opens_minute").text
    assert ("07:30" in page, "450" in page, "480" in page) == (True, False, False)


def test_nobody_else_changes_a_rule(app, staff_client):
    client = staff_client("operations")
    typed = {"value": "1", "reason": "why not"}
    assert client.post("/parameters/settlement.hold_days", data=typed).status_code == 403
    assert parameters.get("settlement.hold_days") == 7
    assert "Finance decides" in client.get("/parameters/settlement.hold_days").text


def test_an_unknown_rule_does_not_exist(app, staff_client):
    assert staff_client("operations").get("/parameters/no.such_rule").status_code == 404
