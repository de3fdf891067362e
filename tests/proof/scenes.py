"""What the clients of the proofs do over HTTP. Imports nothing of the product: they are many."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.kit.crowd import LOST, Answer, Client

API, WORKER = "/api/customer/v1", "/api/worker/v1"


def race(client: Client) -> list[dict[str, Any]]:
    """On each of the days take one hour of those that are left; how it ended, day by day.

    A refusal names other free times: who is refused tries one of them, of the same day. When it
    names none, the day is sold out.
    """
    return [_race_for(client, day) for day in client.given["days"]]


def _race_for(client: Client, starts: list[str]) -> dict[str, Any]:
    day, start = starts[0][:10], client.chance.choice(starts)
    refusals: list[dict[str, Any]] = []
    while True:
        held = hold(client, client.given["quote"], start)
        order = _ordered(client, held) if held.status == 201 else None
        if order:
            return {"won": order, "start": start, "refusals": refusals}
        if held.status == 201 or held.error.get("code") == "conflict":
            continue  # the hold was over; or the database was faster than the product: again
        told = held.error.get("details", {}).get("alternatives", [])
        refusals.append(_refusal(held, len(told)))
        left = [one["starts_at"] for one in told if one["starts_at"].startswith(day)]
        if not left:
            return {"won": None, "start": start, "refusals": refusals}
        start = client.chance.choice(left)


def _refusal(answer: Answer, alternatives: int) -> dict[str, Any]:
    error = answer.error
    return {
        "status": answer.status,
        "code": error.get("code"),
        "message": error.get("message"),
        "reason": error.get("details", {}).get("reason"),
        "alternatives": alternatives,
    }


def hold(client: Client, quote: str, start: str) -> Answer:
    """Keep a time; asked again when the answer was lost, which ends the first hold."""
    while True:
        held = client.ask("POST", f"{API}/holds", {"quote_number": quote, "starts_at": start})
        if held.status != LOST:
            return held


def _ordered(client: Client, held: Answer) -> str | None:
    """The number of the order; None when the hold was over."""
    body = {"hold_number": held.body["number"], "quote_hash": held.body["quote_hash"]}
    made = client.ask("POST", f"{API}/orders", body)
    if made.status == 201:
        return str(made.body["number"])
    if made.error.get("code") == "hold_over" or made.status == LOST:
        return _already_mine(client, held.body["starts_at"])
    raise AssertionError((made.status, made.body))


def _already_mine(client: Client, start: str) -> str | None:
    """An answer that was lost may have been a yes."""
    while True:
        mine = client.ask("GET", f"{API}/orders?limit=50")
        if mine.status == 200:
            break
    found = [one["number"] for one in mine.body["items"] if one["planned_start"] == start]
    return found[0] if found else None


def live(client: Client) -> Counter[str]:
    return worker(client) if client.given["realm"] == "worker" else customer(client)


def customer(client: Client) -> Counter[str]:
    """Book, move, cancel, let lapse, at random until the time is over; what ended how."""
    acts = (_book, _move, _answer_moves, _cancel)
    return _until_the_end(client, acts, weights=(6, 3, 1, 2))


def worker(client: Client) -> Counter[str]:
    """Answer offers and moves, ask for other times, give visits back, until the time is over."""
    acts = (_answer_offers, _answer_moves, _ask_for_time, _give_back)
    return _until_the_end(client, acts, weights=(6, 3, 1, 0.3))


Act = Callable[[Client], Answer | None]


def _until_the_end(client: Client, acts: Sequence[Act], weights: Sequence[float]) -> Counter[str]:
    ended: Counter[str] = Counter()
    deadline = time.monotonic() + client.given["seconds"]
    while time.monotonic() < deadline:
        act = client.chance.choices(acts, weights)[0]
        answer = act(client)
        if answer is not None:
            code = answer.error.get("code") or ("lost" if answer.status == LOST else "ok")
            ended[f"{act.__name__[1:]} {code}"] += 1
        if client.given["pause"] > 1:
            client.leave()
        time.sleep(client.chance.uniform(0, client.given["pause"]))
    return ended


def _book(client: Client) -> Answer:
    items = [{"service_id": client.chance.choice(client.given["services"])}]
    asked = {"address_id": client.given["address"], "items": items}
    quote = client.ask("POST", f"{API}/quotes", asked)
    if quote.status != 201:
        return quote
    start = client.chance.choice(client.given["starts"])
    wanted = {"quote_number": quote.body["number"], "starts_at": start}
    held = client.ask("POST", f"{API}/holds", wanted)
    end = client.chance.random()
    if held.status != 201 or end < 0.15:  # it lapses
        return held
    if end < 0.3:
        return client.ask("DELETE", f"{API}/holds/{held.body['number']}")
    body = {"hold_number": held.body["number"], "quote_hash": held.body["quote_hash"]}
    return client.ask("POST", f"{API}/orders", body)


def _an_order(client: Client) -> str | None:
    """One of mine that has not ended."""
    mine = client.ask("GET", f"{API}/orders?limit=50")
    open_ = [
        one["number"]
        for one in mine.body.get("items", [])
        if one["status"] in ("pending_dispatch", "offered", "accepted")
    ]
    return client.chance.choice(open_) if open_ else None


def _move(client: Client) -> Answer | None:
    number = _an_order(client)
    if number is None:
        return None
    wish = {"starts_at": client.chance.choice(client.given["starts"])}
    return client.ask("POST", f"{API}/orders/{number}/moves", wish)


def _cancel(client: Client) -> Answer | None:
    number = _an_order(client)
    if number is None:
        return None
    shown = client.ask("GET", f"{API}/orders/{number}/cancellation")
    if shown.status != 200:
        return shown
    return client.ask("POST", f"{API}/orders/{number}/cancel", {"hash": shown.body["hash"]})


def _answer_moves(client: Client) -> Answer | None:
    """An open change of time of mine: agreed to, declined or taken back."""
    realm = client.given["realm"]
    base, place = f"/api/{realm}/v1", "moves"
    if realm == "customer":
        number = _an_order(client)
        if number is None:
            return None
        place = f"orders/{number}/moves"
    moves = client.ask("GET", f"{base}/{place}").body.get("items", [])
    open_ = [one for one in moves if one["status"] in ("await_other_side", "ops_review")]
    if not open_:
        return None
    one = client.chance.choice(open_)
    verbs = ("withdraw",) if one["asked_by"] == realm else ("agree", "agree", "decline")
    return client.ask("POST", f"{base}/moves/{one['id']}/{client.chance.choice(verbs)}")


def _answer_offers(client: Client) -> Answer | None:
    offers = client.ask("GET", f"{WORKER}/offers").body.get("items", [])
    if not offers or client.chance.random() < 0.1:
        return None
    place = f"{WORKER}/offers/{offers[0]['id']}"
    if client.chance.random() < 0.75:
        return client.ask("POST", f"{place}/accept")
    return client.ask("POST", f"{place}/reject", {"reason_code": client.given["reason"]})


def _a_visit(client: Client) -> int | None:
    first, last = client.given["starts"][0][:10], client.given["starts"][-1][:10]
    visits = client.ask("GET", f"{WORKER}/visits?from={first}&to={last}").body.get("items", [])
    planned = [one["id"] for one in visits if one["status"] == "planned"]
    return client.chance.choice(planned) if planned else None


def _ask_for_time(client: Client) -> Answer | None:
    visit = _a_visit(client)
    if visit is None:
        return None
    wish = {"starts_at": client.chance.choice(client.given["starts"]), "reason": "家里有事"}
    return client.ask("POST", f"{WORKER}/visits/{visit}/moves", wish)


def _give_back(client: Client) -> Answer | None:
    visit = _a_visit(client)
    if visit is None:
        return None
    body = {"reason_code": client.given["reason"]}
    return client.ask("POST", f"{WORKER}/visits/{visit}/withdraw", body)


def bookings(client: Client) -> dict[str, int]:
    """Hold a time and order it, as fast as it goes, each time as another customer of `people`."""
    booked, deadline = 0, time.monotonic() + client.given["seconds"]
    while time.monotonic() < deadline:
        client.given["token"], quotes = client.chance.choice(client.given["people"])
        start = client.chance.choice(client.given["starts"])
        wanted = {"quote_number": quotes[-1], "starts_at": start}
        held = client.ask("POST", f"{API}/holds", wanted)
        if held.status == 201:
            body = {"hold_number": held.body["number"], "quote_hash": held.body["quote_hash"]}
            booked += client.ask("POST", f"{API}/orders", body).status == 201
            quotes.pop()  # one is ordered once
    return {"booked": booked}
