"""Who takes a list away as a file: the X of the company's table, row by row.

What is not here nobody may, whatever he reads; see app.security_matrix.
"""

from collections.abc import Mapping

from app.security_readers import AUDITOR, FIN, HR, OPS, Lines

_LISTS: tuple[tuple[str, str], ...] = (
    # Catalogue, prices
    (OPS, "CategoryView ServiceView OptionGroupView OptionView SkillView SkillRequirementView"),
    (OPS, "AreaView RegionView PriceRuleView ChecklistView HolidayView"),
    # Customers
    (OPS, "CustomerView AddressView PreferenceView FavouriteView BlockedPairView ConsentView"),
    (OPS, "CustomerTagView"),
    # Workers, documents, face checks
    (HR, "WorkerView WorkerSkillView WorkerAreaView WorkerDocumentView PartnerView FaceCheckView"),
    (HR, "TrainingRecordView ExperienceView TeamView TeamMemberView PerformancePeriodView"),
    # Orders
    (f"{OPS} {AUDITOR}", "OrderView VisitView CheckEventView VisitNoteView ChecklistAnswerView"),
    (f"{OPS} {AUDITOR}", "ServicePlanView PlanOccurrenceView MoveRequestView CancellationView"),
    (f"{OPS} {AUDITOR}", "AddOnView"),
    # Payments, bills, reconciliation
    (f"{FIN} {AUDITOR}", "PaymentAttemptView PaymentNoticeView ChannelBillView BillItemView"),
    (f"{FIN} {AUDITOR}", "ReconciliationRunView DifferenceView"),
    # Settlement
    (AUDITOR, "SettlementRunView StatementView StatementLineView CommissionRuleView"),
    (AUDITOR, "AdjustmentView TaxBracketView TaxLineView PayoutBatchView"),
    # Ledger
    (AUDITOR, "LedgerAccountView JournalView ManualJournalView PeriodSealView LedgerProofView"),
    # Reviews, complaints
    (AUDITOR, "ReviewView ReviewReplyView ReviewAppealView FeedbackView ComplaintView CauseView"),
    (AUDITOR, "CorrectiveActionView"),
    # Audit and system log
    (AUDITOR, "AuditLogView SystemLogView ApplicationErrorView JobRunView TimerView OutboxView"),
    (AUDITOR, "NotificationView"),
)
EXPORTS: Mapping[str, Lines] = {
    view: {"export": roles} for roles, views in _LISTS for view in views.split()
}
