"""What can no longer be done with an order that is over."""

C, W = "/api/customer/v1", "/api/worker/v1"
HOME = {"lat": 23.133, "lng": 113.268, "datum": "gcj02"}


def is_over(customer, worker, number, visit_id):
    """What can go wrong with a visit cannot go wrong any more; test_troubles does the rest."""
    at, visit = f"{C}/orders/{number}", f"{W}/visits/{visit_id}"
    time, why = {"starts_at": "2030-06-01T14:00:00+08:00"}, {"reason": "停电"}
    position = {"position": HOME}
    for client, url, body, code in (
        (customer, f"{at}/moves", time, "no_visit"),
        (customer, f"{at}/choice", {"choice": "refund"}, "nothing_to_choose"),
        (customer, f"{at}/stop", why, "not_in_service"),
        (worker, f"{visit}/moves", time, "no_visit"),
        (worker, f"{visit}/withdraw", {"reason_code": "unwell"}, "not_accepted"),
        (worker, f"{visit}/arrive", position, "not_awaited"),
        (worker, f"{visit}/absence", {**position, "calls": []}, "not_awaited"),
        (worker, f"{visit}/stop", why, "not_in_service"),
        (worker, f"{visit}/exception", why, "no_exception_now"),
    ):
        assert client.post(url, json=body).json["error"]["code"] == code, url
    refused = customer.get(f"{at}/move-times?from=2030-05-07&to=2030-05-07")
    assert refused.json["error"]["code"] == "no_visit"
    agreed = customer.get(f"{at}/add-ons").json["items"][-1]["id"]
    paid = customer.post(f"{at}/add-ons/{agreed}/dispute", json={"text": "没有擦"})
    assert paid.json["error"]["code"] == "nothing_to_pay"
    for client, moves, base in ((customer, f"{at}/moves", C), (worker, f"{W}/moves", W)):
        assert client.get(moves).json == {"items": [], "next_cursor": None}
        for verb in ("agree", "decline", "withdraw"):
            assert client.post(f"{base}/moves/1/{verb}").status_code == 404
    nothing = customer.post(f"{at}/add-ons/999999/dispute", json={"text": "没做"})
    assert nothing.status_code == 404
    assert customer.post(f"{at}/dispute", json={"text": "窗户没擦"}).json["status"] == "new"
