"""Forms of reference data: weekdays, times, checks of the table, versions, what is in use."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.models import (
    Availability,
    Campaign,
    Cause,
    CouponTemplate,
    DispatchPolicy,
    NotificationTemplate,
    PriceRule,
    SavedView,
    Segment,
    ShiftTemplate,
    Skill,
    Tag,
    TrainingRecord,
)
from app.services import clock as clocks
from app.services.crm import segments
from app.services.dispatch import policies
from tests import factories

pytestmark = pytest.mark.backends("sqlite")
RULE = {"name": "周末", "kind": "weekday", "amount_fen": "0", "rate_bp": "12.5",
        "valid_from": "2030-05-01", "active": "y"}  # fmt: skip


@pytest.fixture
def company(app):
    return factories.company()


def one(model):
    return db.session.scalars(sa.select(model)).one()


def test_ticked_days_and_times_become_bits_and_minutes(company, staff_client):
    client = staff_client("operations")
    data = RULE | {"weekdays": ["5", "6"], "from_minute": "18:30", "to_minute": "00:00"}
    assert client.post("/priceruleview/add", data=data).status_code == 302
    rule = one(PriceRule)
    assert (rule.weekdays, rule.from_minute, rule.to_minute, rule.rate_bp) == (96, 1110, 1440, 1250)
    form = client.get(f"/priceruleview/edit/{rule.id}").text
    assert form.count("checked") >= 3, "two days, and that it is active"
    assert 'value="18:30"' in form
    assert "Saturday, Sunday" in client.get(f"/priceruleview/show/{rule.id}").text


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"from_minute": "10:00"}, "to_minute", "Enter both times"),
        ({"from_minute": "10:00", "to_minute": "09:00"}, "to_minute", "Enter both times"),
        ({"valid_to": "2030-04-30"}, "valid_to", "The last day comes before the first"),
        ({"rate_bp": "0"}, "amount_fen", "Enter a surcharge"),
        ({"rate_bp": "-100.01"}, "rate_bp", "Between -100 % and 1000 %"),
        ({"rate_bp": "1.234"}, "rate_bp", "at most two decimals"),
        ({"from_minute": "25:00", "to_minute": "26:00"}, "from_minute", "Enter a time"),
        ({"weekdays": "9"}, "weekdays", "Not a valid choice"),
    ],
)
@pytest.mark.backends("sqlite", "postgresql")
def test_what_the_table_refuses_is_said_at_its_field(company, staff_client, wrong, field, sentence):
    answer = staff_client("operations").post("/priceruleview/add", data=RULE | wrong)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert sentence in answer.text
    assert 'value="周末"' in answer.text
    assert db.session.scalar(sa.select(sa.func.count(PriceRule.id))) == 0


@pytest.mark.backends("sqlite", "postgresql")
def test_a_combination_that_stands_is_refused_at_its_fields(company, staff_client):
    worker = factories.worker(company, days=0)
    data = {"worker": worker.id, "weekday": "0", "from_minute": "08:00", "to_minute": "12:00"}
    client = staff_client("hr")
    assert client.post("/availabilityview/add", data=data).status_code == 302
    again = client.post("/availabilityview/add", data=data | {"to_minute": "18:00"})
    assert again.status_code == 409
    assert "There is a record with the same" in again.text
    assert one(Availability).to_minute == 720


def test_a_night_shift_ends_on_the_next_day(company, staff_client):
    data = {"name": "夜班", "branch": company.branch.id, "weekdays": ["0"], "active": "y",
            "from_minute": "22:00", "to_minute": "06:00",
            "breaks": "23:00-23:30，02:00-02:15"}  # fmt: skip
    client = staff_client("dispatcher")
    assert client.post("/shifttemplateview/add", data=data).status_code == 302
    template = one(ShiftTemplate)
    assert (template.from_minute, template.to_minute) == (1320, 1800)
    assert template.breaks == [[1380, 1410], [1560, 1575]]
    page = client.get(f"/shifttemplateview/show/{template.id}").text
    assert "06:00 the next day" in page
    assert "02:00-02:15" in page
    wrong = client.post("/shifttemplateview/add", data=data | {"name": "x", "breaks": "lunch"})
    assert (wrong.status_code, 'id="breaks-error"' in wrong.text) == (422, True)


def test_who_changes_an_older_version_is_warned_and_keeps_what_was_typed(company, staff_client):
    cause = factories.save(Cause(code="hurry", name="时间太紧"))
    key, version = cause.id, cause.version
    client = staff_client("operations")
    data = {"code": "hurry", "name": "甲", "party": "company", "version": version}
    assert client.post(f"/causeview/edit/{key}", data=data).status_code == 302
    late = client.post(f"/causeview/edit/{key}", data=data | {"name": "乙"})
    assert late.status_code == 409
    assert "Somebody else has changed this" in late.text
    assert 'value="乙"' in late.text
    assert "Now saved:" in late.text
    assert db.session.get_one(Cause, key).name == "甲"


@pytest.mark.backends("sqlite", "postgresql")
def test_what_is_in_use_is_not_deleted_and_the_sentence_says_where(company, staff_client):
    key = company.skill.id
    factories.worker(company, days=0)
    page = staff_client("operations").post(f"/skillview/delete/{key}", follow_redirects=True).text
    assert "in use and cannot be deleted" in page
    assert "Required skills: 2, Workers&#39; skills: 1." in page
    assert db.session.get(Skill, key) is not None


def test_a_document_shows_its_light_as_it_is_today(company, staff_client, clock):
    worker = factories.worker(company, days=0)
    url = f"/workerview/show/{worker.id}"
    for days, words in ((0, "In order"), (340, "End soon"), (30, "Missing or expired")):
        clock.travel(timedelta(days=days))
        assert words in staff_client("hr").get(url).text


def test_training_that_ends_before_it_began_is_refused(company, staff_client):
    worker = factories.worker(company, days=0)
    data = {"worker": worker.id, "course": "消毒", "held_on": "2030-05-06", "hours": "2",
            "result": "passed", "valid_to": "2030-05-05"}  # fmt: skip
    client = staff_client("hr")
    answer = client.post("/trainingrecordview/add", data=data)
    assert (answer.status_code, 'id="valid_to-error"' in answer.text) == (422, True)
    assert client.post("/trainingrecordview/add", data=data | {"valid_to": "2031-05-05"}).location
    assert one(TrainingRecord).valid_to == date(2031, 5, 5)


def test_a_coupon_takes_off_an_amount_or_a_share_and_not_both(company, staff_client):
    data = {"code": "new", "name": "新客", "kind": "percent", "amount_fen": "5", "rate_bp": "10",
            "from_fen": "0", "given_most": "10", "per_customer": "1", "active": "y",
            "valid_from": "2030-05-06T00:00", "valid_to": "2030-06-06T00:00",
            "services": [str(company.aircon.id)]}  # fmt: skip
    client = staff_client("operations")
    answer = client.post("/coupontemplateview/add", data=data)
    assert (answer.status_code, 'id="amount_fen-error"' in answer.text) == (422, True)
    assert client.post("/coupontemplateview/add", data=data | {"amount_fen": "0"}).location
    made = one(CouponTemplate)
    assert (made.rate_bp, made.service_codes) == (1000, ["appliance.aircon"])
    assert "空调清洗" in client.get(f"/coupontemplateview/edit/{made.id}").text


def test_a_campaign_that_runs_is_not_changed(company, staff_client):
    campaign = factories.save(
        Campaign(name="春天", starts_at=clocks.now(), ends_at=clocks.now() + timedelta(days=1),
                 status="running")
    )  # fmt: skip
    key, version = campaign.id, campaign.version
    client = staff_client("operations")
    data = {"name": "夏天", "starts_at": "2030-05-06T00:00", "ends_at": "2030-06-06T00:00",
            "budget_fen": "0", "version": version}  # fmt: skip
    answer = client.post(f"/campaignview/edit/{key}", data=data)
    assert "Only a draft can be changed or deleted" in answer.text
    assert db.session.get_one(Campaign, key).name == "春天"
    client.post(f"/campaignview/action/end/{key}")
    assert db.session.get_one(Campaign, key).status == "ended"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("{nummer} ok", "is not known here"), ("{number ok", "A brace"), ("{number!r}", "not known")],
)
def test_a_message_holds_only_names_that_are_known(company, staff_client, text, sentence):
    data = {"event": "order.accepted", "channel": "sms", "role": "customer", "active": "y"}
    client = staff_client("operations")
    answer = client.post("/notificationtemplateview/add", data=data | {"text": text})
    assert (answer.status_code, 'id="text-error"' in answer.text) == (422, True)
    assert sentence in answer.text
    good = client.post("/notificationtemplateview/add", data=data | {"text": "{number} {company}"})
    assert good.status_code == 302
    assert one(NotificationTemplate).text == "{number} {company}"


@pytest.mark.backends("sqlite", "postgresql")
def test_a_segment_is_made_of_rules_and_counted_now(company, staff_client):
    tag = factories.save(Tag(name="老客户"))
    client = staff_client("operations")
    data = {"name": "沉默", "active": "y", "quiet_days": "90", "tags": [str(tag.id)],
            "branch": str(company.branch.id), "spent_from_fen": "100.00"}  # fmt: skip
    assert client.post("/segmentview/add", data=data).status_code == 302
    made = one(Segment)
    assert made.rules == {
        "branch": company.branch.id, "spent_from_fen": 10000, "quiet_days": 90, "tags": [tag.id]
    }  # fmt: skip
    page = client.get(f"/segmentview/edit/{made.id}").text
    assert 'value="100.00"' in page
    assert "老客户" in client.get(f"/segmentview/show/{made.id}").text
    count = segments.count({"quiet_days": 90}, actor=factories.SYSTEM)
    assert count == 1, "the one customer has not ordered yet"
    assert segments.count({"recent_days": 90}, actor=factories.SYSTEM) == 0
    assert segments.count({"orders_to": 0}, actor=factories.SYSTEM) == 1
    assert segments.count(made.rules, actor=factories.SYSTEM) == 0


@pytest.mark.backends("sqlite", "postgresql")
def test_a_branch_dispatches_by_its_active_policy_only(company, staff_client):
    client = staff_client("operations")
    weights = {"travel": 10, "skill_fit": 0, "rating": 90, "load": 0, "continuity": 0}
    data = {"branch": company.branch.id, "name": "好评优先", "mode": "broadcast", "rounds": "2",
            "batch": "5", **weights}  # fmt: skip
    for _time in range(2):
        assert client.post("/dispatchpolicyview/add", data=data).status_code == 302
    rows = db.session.scalars(sa.select(DispatchPolicy).order_by(DispatchPolicy.id)).all()
    keys = [row.id for row in rows]
    assert [row.revision for row in rows] == [1, 2]
    assert policies.of_branch(company.branch.id).mode == "cascade", "none is active yet"
    for key in keys:
        client.post(f"/dispatchpolicyview/action/activate/{key}")
    db.session.expire_all()
    assert [db.session.get_one(DispatchPolicy, key).active for key in keys] == [False, True]
    own = policies.of_branch(company.branch.id)
    assert (own.mode, own.rounds, own.batch, own.weights) == ("broadcast", 2, 5, weights)
    client.post(f"/dispatchpolicyview/action/deactivate/{keys[1]}")
    assert policies.of_branch(company.branch.id).mode == "cascade"


@pytest.mark.backends("sqlite", "postgresql")
def test_a_filtered_list_is_saved_under_a_name_and_opened_again(company, staff_client):
    client = staff_client("dispatcher")
    assert "Save this view" not in client.get("/orders/list/").text
    page = client.get("/orders/list/?_flt_0_status=offered").text
    assert "/savedviewview/add?opens=/orders/list/?_flt_0_status%3Doffered" in page
    data = {"name": "今天", "opens": "/orders/list/?_flt_0_status=offered", "shared": "y"}
    assert client.post("/savedviewview/add", data=data).status_code == 302
    saved = one(SavedView)
    assert (saved.path, saved.query) == ("/orders/list/", "_flt_0_status=offered")
    for elsewhere in ("https://example.com/", "//example.com/", "javascript:alert(1)"):
        answer = client.post("/savedviewview/add", data=data | {"opens": elsewhere, "name": "x"})
        assert (answer.status_code, 'id="opens-error"' in answer.text) == (422, True), elsewhere
    other = staff_client("service")
    assert "今天" in other.get("/savedviewview/list/").text
    mine = {"name": "明天", "version": saved.version}
    refused = other.post(f"/savedviewview/edit/{saved.id}", data=mine)
    assert "Only whoever made it may change or delete it" in refused.text
    assert one(SavedView).name == "今天"
