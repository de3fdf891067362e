"""What makes a start short answers as the libraries' own code does."""

from datetime import date
from typing import Any

import pytest
from flask import current_app
from flask_appbuilder import AppBuilder as FabAppBuilder
from flask_babel.speaklater import LazyString
from werkzeug.routing import Map, Rule

from app.fab_marks import MarkedMethodsOnly
from app.quick_start import AppBuilder, LazyRule

FAB_MARKS = ("_urls", "_permission_name", "_limit", "_extra", "_action", "_before_request_hook")


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
    samples = {"IntegerConverter": 7, "DayConverter": date(2030, 5, 6)}
    return samples.get(type(converter).__name__, "x")


class _View:
    """As much of a view as the connection of inner views looks at."""

    wanted: list[type] = []

    def __init__(self):
        self.inner: list[_View] = []

    def get_uninit_inner_views(self):
        return self.wanted

    def get_init_inner_views(self):
        return self.inner


class _Leaf(_View):
    pass


class _LeafToo(_Leaf):
    pass


class _Outer(_View):
    wanted = [_LeafToo, _Leaf]


def _connected(builder, kinds):
    """What is shown within each view, when the views are added in this order."""
    fresh = builder.__new__(builder)
    fresh.baseviews = []
    for kind in kinds:
        fresh.baseviews.append(kind())
        fresh._process_inner_views()
    return [[type(inner) for inner in view.inner] for view in fresh.baseviews]


@pytest.mark.parametrize(
    "kinds",
    [[_Outer, _Leaf, _LeafToo], [_LeafToo, _Leaf, _Outer], [_Leaf, _Outer, _LeafToo, _Outer]],
    ids=["outer first", "outer last", "between"],
)
def test_inner_views_are_connected_as_the_stock_builder_does(kinds):
    assert _connected(AppBuilder, kinds) == _connected(FabAppBuilder, kinds)
    assert any(_connected(AppBuilder, kinds))


@pytest.mark.backends("sqlite")
def test_a_view_tells_every_method_that_carries_a_mark(app):
    short = [
        view for view in current_app.appbuilder.baseviews if isinstance(view, MarkedMethodsOnly)
    ]
    assert len(short) > 200
    for view in short:
        marked = {
            name
            for name in object.__dir__(view)
            if any(hasattr(getattr(view, name), mark) for mark in FAB_MARKS)
        }
        assert marked <= set(dir(view)), view


@pytest.mark.backends("sqlite")
def test_a_lazy_text_is_not_translated_for_what_no_text_has(app):
    asked = []
    text = LazyString(lambda word: asked.append(word) or word, "order")
    assert not hasattr(text, "_urls")
    assert not asked
    assert text.upper() == "ORDER"
    assert asked == ["order"]
