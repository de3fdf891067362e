"""A customer's recurring plan, by every endpoint: made, changed date by date, paused, ended."""

from datetime import timedelta

from app.services import clock
from tests import factories

C = "/api/customer/v1"
WEEKLY = {"repeats": {"kind": "weekly", "weekdays": ["TH"]}, "start": "14:00"}
MOST_DATES = 4


def comes_again(stage, customer):
    """The plan is ended again at the end."""
    today = clock.today()
    days = [today + timedelta(days=n) for n in range(1, 7 * MOST_DATES + 1)]
    factories.save(*(factories.shift(stage.worker, day, (8, 20)) for day in days))
    first = next(day for day in days if day.isoweekday() == 4)
    on, later, last = (first + timedelta(weeks=n) for n in (1, 2, 3))
    address = customer.get(f"{C}/addresses").json["items"][0]["id"]
    wishes = [{"service_id": stage.rows.aircon.id}]
    quote = customer.post(f"{C}/quotes", json={"address_id": address, "items": wishes}).json
    wish = {**WEEKLY, "quote_number": quote["number"], "starts_on": str(first),
            "ends_on": str(last)}  # fmt: skip
    plan = is_made(customer, wish)
    url = f"{C}/plans/{plan['number']}"
    assert [row["number"] for row in customer.get(f"{C}/plans").json["items"]] == [plan["number"]]
    skips_and_shifts(customer, url, on, later)
    paused = customer.post(f"{url}/pause", json={"reason": "出差"})
    assert paused.json["status"] == "paused"
    assert customer.post(f"{url}/resume").json["status"] == "active"
    url = changes(customer, url, later, str(last))
    ends(customer, url)


def is_made(customer, wish):
    shown = customer.post(f"{C}/plans/preview", json=wish).json
    assert [date["state"] for date in shown["dates"]] == ["free"] * MOST_DATES
    stale = customer.post(f"{C}/plans", json={**wish, "hash": "0" * 64})
    assert stale.json["error"]["code"] == "changed_since_shown"
    made = customer.post(f"{C}/plans", json={**wish, "hash": shown["hash"]})
    assert (made.status_code, made.json["status"]) == (201, "active")
    return made.json


def dates_of(plan):
    return {date["on"]: (date["status"], date["starts_at"]) for date in plan["dates"]}


def skips_and_shifts(customer, url, on, later):
    skipped = customer.post(f"{url}/dates/{on}/skip", json={}).json
    assert dates_of(skipped)[str(on)][0] == "skipped"
    back = customer.post(f"{url}/dates/{on}/put-back", json={}).json
    assert dates_of(back)[str(on)][0] == "planned"
    times = customer.get(f"{url}/dates/{later}/times").json["times"]
    moved = customer.post(f"{url}/dates/{later}/shift", json={"starts_at": times[0]}).json
    assert dates_of(moved)[str(later)] == ("planned", times[0])
    assert dates_of(customer.get(url).json) == dates_of(moved)


def changes(customer, url, day, last):
    change = {"on": str(day), "repeats": WEEKLY["repeats"], "start": "15:00", "ends_on": last}
    shown = customer.post(f"{url}/change-preview", json=change).json
    changed = customer.post(f"{url}/change", json={**change, "hash": shown["hash"]})
    assert changed.status_code == 200
    starts = [start for _status, start in dates_of(changed.json).values()]
    assert [start[11:16] for start in starts] == ["15:00"] * 2
    return f"{C}/plans/{changed.json['number']}"


def ends(customer, url):
    shown = customer.get(f"{url}/cancellation?scope=all").json
    assert shown["fee_fen"] == 0
    ended = customer.post(f"{url}/cancel", json={"scope": "all", "hash": shown["hash"]}).json
    assert ended["status"] == "ended"
