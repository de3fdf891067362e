"""Nothing that is stored is shown by its code."""

import pytest
import sqlalchemy as sa

from app.domain import states
from app.domain.approvals import DECIDERS
from app.domain.eligibility import RULES
from app.domain.ledger import CHART
from app.domain.parameters import DECLARED
from app.domain.reasons import REJECT_REASONS
from app.extensions import db
from app.models import AuditLog, Journal, OrderEvent
from app.services.system import approvals, outbox, timers
from app.views import (
    labels,
    labels_approvals,
    labels_events,
    labels_ledger,
    labels_machinery,
    labels_parameters,
    labels_reasons,
)
from tests.views import stage

TABLES = [
    (states.OrderStatus, labels.ORDER_STATUS, labels.ORDER_KINDS),
    (states.VisitStatus, labels.VISIT_STATUS, labels.VISIT_KINDS),
    (states.OfferStatus, labels.OFFER_STATUS, labels.OFFER_KINDS),
    (states.AssignmentStatus, labels.ASSIGNMENT_STATUS, labels.ASSIGNMENT_KINDS),
    (states.HoldStatus, labels.HOLD_STATUS, labels.HOLD_KINDS),
    (states.PaymentStatus, labels.PAYMENT_STATUS, labels.PAYMENT_KINDS),
    (states.RefundStatus, labels.REFUND_STATUS, labels.REFUND_KINDS),
    (states.RunStatus, labels.RUN_STATUS, labels.RUN_KINDS),
    (states.StatementStatus, labels.STATEMENT_STATUS, labels.STATEMENT_KINDS),
    (states.WithdrawalStatus, labels.WITHDRAWAL_STATUS, labels.WITHDRAWAL_KINDS),
    (states.WorkerStatus, labels.WORKER_STATUS, labels.WORKER_KINDS),
    (states.DocumentStatus, labels.DOCUMENT_STATUS, labels.DOCUMENT_KINDS),
    (states.LeaveStatus, labels.LEAVE_STATUS, labels.LEAVE_KINDS),
    (states.ApprovalStatus, labels.APPROVAL_STATUS, labels.APPROVAL_KINDS),
]


@pytest.mark.parametrize(
    ("enum", "words", "kinds"), TABLES, ids=lambda value: getattr(value, "__name__", "")
)
def test_each_state_has_a_label_and_a_colour(enum, words, kinds):
    assert list(words) == [state.value for state in enum]
    assert set(kinds) == set(words)


def test_the_codes_of_the_domain_have_words():
    assert set(RULES) == set(labels_reasons.BROKEN_RULE)
    assert set(REJECT_REASONS) == set(labels_reasons.REJECT_REASON)
    assert set(CHART) == set(labels_ledger.ACCOUNT)
    assert {rule.key for rule in DECLARED} == set(labels_parameters.NAME)
    assert {rule.key.split(".")[0] for rule in DECLARED} == set(labels_parameters.PARAMETER_AREA)
    assert {rule.unit for rule in DECLARED} <= {*labels_parameters.UNIT, "", "fen"}


@pytest.mark.backends("sqlite")
def test_what_the_system_does_by_itself_has_words(app):
    assert set(timers.HANDLERS) <= set(labels_machinery.TIMER_KIND)
    assert set(outbox.HANDLERS) <= set(labels_machinery.TOPIC)
    assert set(approvals.EXECUTE) == set(labels_approvals.APPROVAL_KIND) == set(DECIDERS)


@pytest.mark.backends("sqlite")
def test_what_happens_to_orders_and_money_has_words(app):
    stage.build()
    for column, words in (
        (OrderEvent.kind, labels_events.EVENT),
        (Journal.kind, labels_ledger.JOURNAL_KIND),
        (AuditLog.action, labels_events.AUDIT_ACTION),
    ):
        assert set(db.session.scalars(sa.select(column).distinct())) <= set(words)
