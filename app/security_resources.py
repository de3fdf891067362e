"""Which screen a staff resource stands for: who may read the one reads the other."""

from collections.abc import Mapping

from app.security_readers import OPS, Lines

SHOWS: Mapping[str, str] = {
    "StaffAddOnApi": "AddOnView",
    "StaffAddressApi": "AddressView",
    "StaffAdjustmentApi": "AdjustmentView",
    "StaffApprovalApi": "ApprovalView",
    "StaffAreaApi": "AreaView",
    "StaffAssignmentApi": "AssignmentView",
    "StaffAvailabilityApi": "AvailabilityView",
    "StaffBackupApi": "BackupView",
    "StaffBillItemApi": "BillItemView",
    "StaffBlockedPairApi": "BlockedPairView",
    "StaffBlockedTimeApi": "BlockedTimeView",
    "StaffBoardActionApi": "BoardActionView",
    "StaffBranchApi": "BranchView",
    "StaffCampaignApi": "CampaignView",
    "StaffCancellationApi": "CancellationView",
    "StaffCauseApi": "CauseView",
    "StaffChannelBillApi": "ChannelBillView",
    "StaffCheckEventApi": "CheckEventView",
    "StaffChecklistAnswerApi": "ChecklistAnswerView",
    "StaffChecklistApi": "ChecklistView",
    "StaffCommissionRuleApi": "CommissionRuleView",
    "StaffComplaintApi": "ComplaintView",
    "StaffConsentApi": "ConsentView",
    "StaffCorrectiveActionApi": "CorrectiveActionView",
    "StaffCouponApi": "CouponView",
    "StaffCouponTemplateApi": "CouponTemplateView",
    "StaffCustomerApi": "CustomerView",
    "StaffCustomerTagApi": "CustomerTagView",
    "StaffDifferenceApi": "DifferenceView",
    "StaffDispatchPolicyApi": "DispatchPolicyView",
    "StaffDispatchRunApi": "DispatchRunView",
    "StaffExperienceApi": "ExperienceView",
    "StaffFaceCheckApi": "FaceCheckView",
    "StaffFavouriteApi": "FavouriteView",
    "StaffFeedbackApi": "FeedbackView",
    "StaffHolidayApi": "HolidayView",
    "StaffImportBatchApi": "ImportBatchView",
    "StaffIncidentApi": "IncidentView",
    "StaffJobRunApi": "JobRunView",
    "StaffJournalApi": "JournalView",
    "StaffLeaveApi": "LeaveView",
    "StaffLedgerAccountApi": "LedgerAccountView",
    "StaffLedgerProofApi": "LedgerProofView",
    "StaffLocationPingApi": "LocationPingView",
    "StaffManualJournalApi": "ManualJournalView",
    "StaffMoveRequestApi": "MoveRequestView",
    "StaffNotificationApi": "NotificationView",
    "StaffNotificationTemplateApi": "NotificationTemplateView",
    "StaffOfferApi": "OfferView",
    "StaffOutboxApi": "OutboxView",
    "StaffPartnerApi": "PartnerView",
    "StaffPaymentAttemptApi": "PaymentAttemptView",
    "StaffPaymentNoticeApi": "PaymentNoticeView",
    "StaffPayoutAccountApi": "PayoutAccountView",
    "StaffPayoutBatchApi": "PayoutBatchView",
    "StaffPerformancePeriodApi": "PerformancePeriodView",
    "StaffPeriodSealApi": "PeriodSealView",
    "StaffPlanOccurrenceApi": "PlanOccurrenceView",
    "StaffPreferenceApi": "PreferenceView",
    "StaffPriceRuleApi": "PriceRuleView",
    "StaffQuoteApi": "QuoteView",
    "StaffReconciliationRunApi": "ReconciliationRunView",
    "StaffRedemptionApi": "RedemptionView",
    "StaffRefundAllocationApi": "RefundAllocationView",
    "StaffRefundApi": "RefundView",
    "StaffRegionApi": "RegionView",
    "StaffRestoreJobApi": "RestoreJobView",
    "StaffReviewApi": "ReviewView",
    "StaffReviewAppealApi": "ReviewAppealView",
    "StaffReviewReplyApi": "ReviewReplyView",
    "StaffRewardApi": "RewardView",
    "StaffSegmentApi": "SegmentView",
    "StaffServicePlanApi": "ServicePlanView",
    "StaffSettlementRunApi": "SettlementRunView",
    "StaffShiftTemplateApi": "ShiftTemplateView",
    "StaffSkillApi": "SkillView",
    "StaffSkillRequirementApi": "SkillRequirementView",
    "StaffSlotHoldApi": "SlotHoldView",
    "StaffSourceApi": "SourceView",
    "StaffStatementApi": "StatementView",
    "StaffStatementLineApi": "StatementLineView",
    "StaffTagApi": "TagView",
    "StaffTaxBracketApi": "TaxBracketView",
    "StaffTaxLineApi": "TaxLineView",
    "StaffTeamApi": "TeamView",
    "StaffTeamMemberApi": "TeamMemberView",
    "StaffTimerApi": "TimerView",
    "StaffTrainingRecordApi": "TrainingRecordView",
    "StaffVisitNoteApi": "VisitNoteView",
    "StaffWithdrawalApi": "WithdrawalView",
    "StaffWorkerAreaApi": "WorkerAreaView",
    "StaffWorkerBusyApi": "WorkerBusyView",
    "StaffWorkerDocumentApi": "WorkerDocumentView",
    "StaffWorkerSkillApi": "WorkerSkillView",
    "StaffNoteApi": "NoteView",
    "StaffSavedViewApi": "SavedViewView",
}
# Verbs of a screen that its resource has as well.
VERBS: Mapping[str, tuple[str, ...]] = {
    "StaffAddOnApi": ("waive",),
    "StaffApprovalApi": ("approve refuse",),
    "StaffCustomerApi": ("block unblock", "ask_erasure", "export_data"),
    "StaffWithdrawalApi": ("report_return",),
    "StaffPartnerApi": ("adjust", "change_account pay_out"),
    "StaffPayoutBatchApi": ("ask_approval cancel confirm_paid",),
    "StaffPlanOccurrenceApi": ("shift skip put_back",),
    "StaffServicePlanApi": ("pause resume cancel cancellation",),
    "StaffCouponTemplateApi": ("give",),
    "StaffMoveRequestApi": ("pass_on turn_down", "agree decline withdraw"),
}
# Verbs that are two on the screen.
_DESK = "operations dispatcher service"
OWN_VERBS: Mapping[str, Lines] = {
    "StaffIncidentApi": {"decide_absence": "operations service"},
    # On the screens they are pages of their own: `make`, `alter`, looking at a price, or the
    # form of another screen.
    "StaffCustomerApi": {"quote plan_preview make_plan post add_address": "operations service"},
    "StaffServicePlanApi": {"change_preview change": _DESK},
}
# Plain words and days can be written by programs too; all else has forms or verbs.
WRITTEN: Mapping[str, Lines] = {
    name: {"post put": OPS}
    for name in (
        "StaffCauseApi", "StaffChecklistApi", "StaffHolidayApi", "StaffSkillApi",
        "StaffSourceApi", "StaffTagApi",
    )
}  # fmt: skip


def resource_lines(matrix: Mapping[str, Lines]) -> dict[str, Lines]:
    """The lines of the resources, made of those of their screens."""
    return {
        name: {
            "get": _readers(matrix[screen]),
            **WRITTEN.get(name, {}),
            **OWN_VERBS.get(name, {}),
            **{verbs: matrix[screen][verbs] for verbs in VERBS.get(name, ())},
        }
        for name, screen in SHOWS.items()
    }


def _readers(lines: Lines) -> str:
    return next(roles for verbs, roles in lines.items() if "list" in verbs.split())
