"""Lazily compiled addresses are the same as Werkzeug's own."""

from typing import Any

from flask import current_app
from werkzeug.routing import Map, Rule

from app.rules import LazyRule


def test_a_lazy_rule_builds_what_an_eager_one_builds():
    eager, lazy = (
        Map([kind("/a/<int:pk>/<name>/", endpoint="e"), kind("/plain", endpoint="p")]).bind(
            "host", "/"
        )
        for kind in (Rule, LazyRule)
    )
    tried: list[dict[str, Any]] = [{"pk": 7, "name": "a b/ä"}, {"pk": 7, "name": "x", "q": "1 2"}]
    for values in tried:
        assert lazy.build("e", values) == eager.build("e", values)
    for values in ({}, {"q": "ü"}):
        assert lazy.build("p", values) == eager.build("p", values)
    assert lazy.match("/a/7/x/") == eager.match("/a/7/x/")


def test_every_address_of_the_product_can_be_built(app):
    with app.test_request_context():
        for rule in current_app.url_map.iter_rules():
            assert isinstance(rule, LazyRule) or rule.endpoint == "static"
            values = {name: _value(rule._converters[name]) for name in rule.arguments}
            assert rule.build(values) is not None, rule


def _value(converter):
    return 7 if type(converter).__name__ == "IntegerConverter" else "x"
