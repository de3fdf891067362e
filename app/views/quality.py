"""What customers say."""

from flask_babel import lazy_gettext as _l

from app.models import Review
from app.views import labels
from app.views.base import ModelInterface
from app.views.formatters import multiline
from app.views.quality_lists import ReviewAppealView, ReviewReplyView
from app.views.scoped import ORDERS, WORKERS, RecordView


class ReviewView(RecordView):
    datamodel = ModelInterface(Review)
    noun, noun_plural = _l("Review"), _l("Reviews")
    list_columns = [
        "order", "worker", "quality", "attitude", "skill", "text", "status", "created_at",
    ]  # fmt: skip
    show_columns = list_columns
    search_columns = ["order", "worker", "quality", "status", "created_at"]
    label_columns = {
        "quality": _l("Quality"),
        "attitude": _l("Attitude"),
        "skill": _l("Skill"),
        "text": _l("In the customer's words"),
    }
    formatters_columns = {"text": multiline}
    choices = {"status": labels.REVIEW_STATUS}
    badges = {"status": labels.REVIEW_KINDS}
    lookups = {"order": ORDERS, "worker": WORKERS}
    base_order = ("created_at", "desc")
    related_views = [ReviewReplyView, ReviewAppealView]
    empty_next = _l("Customers review an order after they have confirmed it.")

    def name_of(self, row: Review) -> str:
        return f"{row.order} · {self.noun}"
