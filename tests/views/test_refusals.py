"""What a page says when something is refused: whole sentences in the reader's language."""

import re

import pytest
from flask_babel import force_locale
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.domain.errors import IllegalTransition
from app.fab_messages import said
from app.views.base_forms import RowForm
from tests.kit.words import foreign_words

pytestmark = pytest.mark.backends("sqlite")
NOTICES = re.compile(r'<[^>]+class="notice[^>]*>.*?</div>', re.S)


@pytest.fixture
def chinese(staff_client):
    def make(role):
        client = staff_client(role)
        client.get("/lang/zh")
        return client

    return make


def refused():
    return IllegalTransition(
        "This cannot go from %(old)s to %(new)s", kind="WithdrawalStatus", old="paid", new="sent"
    )


def test_an_illegal_action_is_told_in_chinese_with_the_labels_of_the_states(built, chinese):
    client, key = chinese("finance"), built.withdrawal.id
    for action in ("review", "review"):
        page = client.post(f"/withdrawals/action/{action}/{key}", follow_redirects=True).text
    notices = " ".join(NOTICES.findall(page))
    assert "待打款" in notices
    assert "%(" not in page
    assert list(foreign_words(notices)) == []


def test_many_refusals_and_a_page_of_one_are_told_the_same_way(app, built, chinese, monkeypatch):
    def refuse(*_args, **_more):
        raise refused()

    monkeypatch.setattr("app.services.access.visible", refuse)
    answer = chinese("finance").get("/withdrawals/list/")
    assert (answer.status_code, "%(" in answer.text) == (422, False)
    assert list(foreign_words(answer.text)) == []


def test_a_form_shows_the_filled_sentence(app):
    with app.test_request_context(), force_locale("zh"):
        form = RowForm()
        form.refuse_with(refused())
        assert "%(" not in str(form.form_errors[0])
        assert list(foreign_words(str(form.form_errors[0]))) == []


class Counted(RowForm):
    number = IntegerField(validators=[InputRequired(), NumberRange(1)])


@pytest.mark.parametrize(
    ("typed", "says"), [("0", ["数值不能小于 1。"]), ("", ["该字段是必填字段。"]), ("1", [])]
)
def test_the_bound_itself_is_not_called_too_small(app, typed, says):
    data = {"number": typed}
    with app.test_request_context(method="POST", data=data), force_locale("zh"):
        form = Counted(meta={"csrf": False})
        assert form.validate() is not bool(says)
        assert list(form.number.errors) == says


def test_a_status_that_no_table_knows_is_shown_as_it_is(app):
    with force_locale("en"):
        error = IllegalTransition("From %(old)s to %(new)s", kind="Odd", old="a", new="b")
        assert said(error) == "From a to b"
        assert said(IllegalTransition("")) == ""
        assert said(IllegalTransition("100% %(new)s")) == "100% %(new)s"


def test_the_channel_is_never_asked_for_several_withdrawals_at_once(built, staff_client):
    client = staff_client("finance")
    for action in ("review", "send", "refresh"):
        data = {"action": action, "rowid": [built.withdrawal.id]}
        assert client.post("/withdrawals/action_post", data=data).status_code == 404, action
