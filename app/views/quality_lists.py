"""What is learned from reviews and complaints: causes, measures, feedback, appeals, replies."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Length

from app.models import (
    Cause,
    Complaint,
    CorrectiveAction,
    Feedback,
    Review,
    ReviewAppeal,
    ReviewReply,
)
from app.services.quality import appeals, following
from app.views import labels
from app.views import labels_quality as words
from app.views.base import Lookup, ModelInterface, RowForm, row_action
from app.views.catalog import CODE
from app.views.fields import TextField
from app.views.formatters import multiline
from app.views.scoped import (
    NAMES,
    STAFF,
    WORKERS,
    RecordView,
    ReferenceView,
    mine,
)
from app.views.staff_names import name_of_staff
from app.views.widgets import LongTextWidget

CAUSES = Lookup(search=("name", "code"))
COMPLAINTS = Lookup(search=("number",), scope=mine(Complaint))


def _text(label: object, most: int = 300) -> TextField:
    checks = [InputRequired(), Length(min=2, max=most)]
    return TextField(label, validators=checks, widget=LongTextWidget())


class DecisionForm(RowForm):
    decision = _text(_l("Why so"))


class OutcomeForm(RowForm):
    outcome = _text(_l("What came of it"), most=500)


class AnswerForm(RowForm):
    answer = _text(_l("Answer"), most=500)


class CauseView(ReferenceView):
    datamodel = ModelInterface(Cause)
    noun, noun_plural = _l("Cause"), _l("Causes")
    list_columns = ["name", "parent", "party", "code", "active"]
    show_columns = ["name", "name_en", "parent", "party", "code", "active"]
    search_columns = ["name", "parent", "party", "active"]
    add_columns = edit_columns = show_columns
    label_columns = {**NAMES, "parent": _l("Part of"), "party": _l("Whose doing")}
    validators_columns = {"code": CODE}
    choices = {"party": words.CAUSE_PARTY}
    lookups = {"parent": CAUSES}
    base_order = ("code", "asc")
    empty_next = _l("Add why things go wrong, so that complaints can be counted by it.")


class CorrectiveActionView(ReferenceView):
    datamodel = ModelInterface(CorrectiveAction)
    noun, noun_plural = _l("Measure"), _l("Measures")
    list_columns = ["text", "complaint", "cause", "owner", "due_at", "status"]
    show_columns = [*list_columns, "outcome", "created_at"]
    search_columns = ["complaint", "cause", "owner", "status", "due_at"]
    add_columns = edit_columns = ["text", "complaint", "cause", "owner", "due_at"]
    label_columns = {
        "text": _l("What is done so that it does not happen again"),
        "complaint": _l("Complaint"),
        "cause": _l("Cause"),
        "owner": _l("Done by"),
        "due_at": _l("Due at"),
        "outcome": _l("What came of it"),
    }
    add_form_extra_fields = {"text": _text(label_columns["text"], most=500)}
    edit_form_extra_fields = add_form_extra_fields
    formatters_columns = {
        "text": multiline,
        "owner": lambda user: name_of_staff(user.id if user else None),
    }
    choices = {"status": words.ACTION_STATUS}
    badges = {"status": words.ACTION_KINDS}
    lookups = {"complaint": COMPLAINTS, "cause": CAUSES, "owner": STAFF}
    base_order = ("id", "desc")

    def name_of(self, row: CorrectiveAction) -> str:
        return row.text[:40]

    @row_action("finish", _l("Done"), icon="fa-check", main=True, form=OutcomeForm,
                when=lambda action: action.status == "open")  # fmt: skip
    def finish(self, pk: int, form: OutcomeForm) -> None:
        following.finish_action(pk, str(form.outcome.data), actor=self.actor)

    @row_action("drop", _l("Drop"), icon="fa-xmark", form=OutcomeForm,
                when=lambda action: action.status == "open")  # fmt: skip
    def drop(self, pk: int, form: OutcomeForm) -> None:
        following.drop_action(pk, str(form.outcome.data), actor=self.actor)


class FeedbackView(RecordView):
    datamodel = ModelInterface(Feedback)
    noun, noun_plural = _l("Feedback"), _l("Feedback")
    list_columns = ["created_at", "actor_kind", "kind", "text", "status"]
    show_columns = [*list_columns, "answer"]
    search_columns = ["actor_kind", "kind", "text", "status", "created_at"]
    label_columns = {
        "actor_kind": _l("Written by"),
        "text": _l("What was written"),
        "answer": _l("Answer"),
    }
    formatters_columns = {"text": multiline, "answer": multiline}
    choices = {
        "actor_kind": labels.ACTOR_KIND,
        "kind": words.FEEDBACK_KIND,
        "status": words.FEEDBACK_STATUS,
    }
    badges = {"status": words.FEEDBACK_KINDS}
    base_order = ("id", "desc")

    @row_action("read", _l("Mark as read"), icon="fa-envelope-open",
                when=lambda feedback: feedback.status == "new")  # fmt: skip
    def read(self, pk: int) -> None:
        following.read_feedback(pk, actor=self.actor)

    @row_action("answer", _l("Answer"), icon="fa-reply", main=True, form=AnswerForm,
                when=lambda feedback: feedback.status != "answered")  # fmt: skip
    def answer(self, pk: int, form: AnswerForm) -> None:
        following.answer_feedback(pk, str(form.answer.data), actor=self.actor)


class ReviewAppealView(RecordView):
    datamodel = ModelInterface(ReviewAppeal, load=("review.order",))
    noun, noun_plural = _l("Appeal"), _l("Appeals")
    list_columns = ["worker", "review.order", "reason", "status", "created_at"]
    show_columns = [*list_columns, "review.text", "decided_by_id", "decided_at", "decision"]
    search_columns = ["worker", "status", "created_at"]
    label_columns = {
        "review.order": _l("Order"),
        "review.text": _l("In the customer's words"),
        "reason": _l("What the worker says"),
        "decided_by_id": _l("Decided by"),
        "decided_at": _l("Decided at"),
        "decision": _l("Why so"),
    }
    formatters_columns = {"decided_by_id": name_of_staff, "reason": multiline}
    choices = {"status": words.APPEAL_STATUS}
    badges = {"status": words.APPEAL_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("id", "desc")
    empty_text = _l("Nobody has appealed against a review.")

    def name_of(self, row: ReviewAppeal) -> str:
        return f"{row.worker} · {row.review.order}"

    @row_action("uphold", _l("Uphold"), icon="fa-check", main=True, form=DecisionForm,
                when=lambda appeal: appeal.status == "asked")  # fmt: skip
    def uphold(self, pk: int, form: DecisionForm) -> None:
        appeals.uphold(pk, str(form.decision.data), actor=self.actor)

    @row_action("refuse", _l("Refuse"), icon="fa-xmark", danger=True, form=DecisionForm,
                when=lambda appeal: appeal.status == "asked")  # fmt: skip
    def refuse(self, pk: int, form: DecisionForm) -> None:
        appeals.refuse(pk, str(form.decision.data), actor=self.actor)


class ReviewReplyView(ReferenceView):
    base_permissions = ["can_list", "can_show", "can_add", "can_delete"]
    datamodel = ModelInterface(ReviewReply, load=("review.order",))
    noun, noun_plural = _l("Reply to a review"), _l("Replies to reviews")
    list_columns = ["review.order", "actor_kind", "text", "created_at"]
    show_columns = list_columns
    search_columns = ["actor_kind", "text", "created_at"]
    add_columns = ["review", "text"]
    label_columns = {
        "review": _l("Review"),
        "review.order": _l("Order"),
        "actor_kind": _l("Written by"),
        "text": _l("Reply"),
    }
    add_form_extra_fields = {"text": _text(_l("Reply"), most=500)}
    formatters_columns = {"text": multiline}
    choices = {"actor_kind": {key: labels.ACTOR_KIND[key] for key in ("staff", "worker")}}
    lookups = {
        "review": Lookup(
            search=("text",), order="id", scope=mine(Review), load=("order",),
            label=lambda review: f"{review.order} · {review.text[:30]}",
        )
    }  # fmt: skip
    base_order = ("id", "desc")

    def name_of(self, row: ReviewReply) -> str:
        return f"{row.review.order} · {self.noun}"

    def create(self, form: RowForm) -> ReviewReply:
        row: ReviewReply = super().create(form)
        row.actor_kind, row.actor_id = "staff", self.actor.id or 0
        return row
