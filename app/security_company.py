"""The matrix of the screens around orders, people and money; see app.security_matrix."""

from collections.abc import Mapping

from app.security_readers import FIN, HR, OPS, READ, READERS, WRITE, Lines

_CATALOGUE: Lines = {READ: READERS["catalogue"], WRITE: OPS}
_CUSTOMERS: Lines = {READ: READERS["customers"]}
_PERSONNEL: Lines = {READ: READERS["workers"], WRITE: HR}
_ROSTERS: Lines = {READ: READERS["rosters"], WRITE: "operations hr dispatcher"}
_ORDERS: Lines = {READ: READERS["orders"]}
_BOARD: Lines = {READ: READERS["board"]}
_QUALITY: Lines = {READ: READERS["reviews"]}
_CARE = "operations service"
_DESK = "operations dispatcher service"
_HANDLERS = "operations service hr"
_COUPONS: Lines = {READ: READERS["coupons"]}
_SEGMENTS: Lines = {READ: "operations service auditor", WRITE: OPS}
_PAYMENTS: Lines = {READ: READERS["payments"]}
_SETTLEMENT: Lines = {READ: READERS["settlement"]}
_BACKUP: Lines = {READ: READERS["backup"]}

COMPANY: Mapping[str, Lines] = {
    # Catalogue
    "PriceRuleView": _CATALOGUE,
    "ChecklistView": _CATALOGUE,
    "HolidayView": _CATALOGUE,
    # Customers
    "PreferenceView": _CUSTOMERS,
    "FavouriteView": _CUSTOMERS,
    "BlockedPairView": {**_CUSTOMERS, "add delete": "service"},
    "ConsentView": _CUSTOMERS,
    "CustomerTagView": {**_CUSTOMERS, "add delete": _CARE},
    "NoteView": {READ: READERS["orders"], "edit delete": "operations hr dispatcher service"},
    # People
    "FaceCheckView": {READ: READERS["workers"]},
    "TrainingRecordView": _PERSONNEL,
    "ExperienceView": _PERSONNEL,
    "TeamView": _PERSONNEL,
    "TeamMemberView": {READ: READERS["workers"], "add delete": HR},
    "PerformancePeriodView": {READ: READERS["workers"]},
    "RewardView": {READ: "operations hr finance auditor"},
    "AvailabilityView": _ROSTERS,
    "ShiftTemplateView": _ROSTERS,
    # Orders and dispatch
    "ServicePlanView": {
        **_ORDERS,
        "pause resume cancel cancellation": _DESK,
        "alter changing make": _DESK,
    },
    "PlanOccurrenceView": {**_ORDERS, "shift skip put_back": _DESK, "cancel": _DESK},
    # What a worker asks for is decided by operations; whoever calls a side may answer for it.
    "MoveRequestView": {
        **_ORDERS,
        "pass_on turn_down": OPS,
        "agree decline withdraw": _DESK,
    },
    "CancellationView": _ORDERS,
    "AddOnView": {**_ORDERS, "waive": "operations finance service"},
    "VisitNoteView": _ORDERS,
    "ChecklistAnswerView": _ORDERS,
    "LocationPingView": _BOARD,
    "DispatchPolicyView": {**_BOARD, "add activate deactivate": OPS},
    "BoardActionView": _BOARD,
    "IncidentView": {
        READ: "administrator operations hr dispatcher finance service auditor",
        "take solve": "operations dispatcher service",
        "confirm_absence refuse_absence": _CARE,
    },
    # Quality: HR looks into complaints, operations and customer service decide them
    "ComplaintView": {
        **_QUALITY,
        "add investigate ask_customer customer_answered propose decline_proposal add_note": (
            _HANDLERS
        ),
        "assign resolve close reopen": _CARE,
    },
    "CauseView": {**_QUALITY, WRITE: _CARE},
    "CorrectiveActionView": {**_QUALITY, WRITE: _HANDLERS, "finish drop": _HANDLERS},
    "FeedbackView": {**_QUALITY, "read answer": _CARE},
    "ReviewAppealView": {**_QUALITY, "uphold refuse": _CARE},
    "ReviewReplyView": {**_QUALITY, "add delete": _CARE},
    # Marketing: finance sees what coupons cost
    "SourceView": {**_COUPONS, WRITE: OPS},
    "TagView": _SEGMENTS,
    "SegmentView": _SEGMENTS,
    "CampaignView": {**_COUPONS, WRITE: OPS, "end": OPS},
    "CouponTemplateView": {**_COUPONS, WRITE: OPS, "give": OPS},
    "CouponView": _COUPONS,
    "RedemptionView": _COUPONS,
    # Money
    "ChannelBillView": _PAYMENTS,
    "BillItemView": _PAYMENTS,
    "ReconciliationRunView": _PAYMENTS,
    "DifferenceView": _PAYMENTS,
    "RefundAllocationView": {READ: READERS["refunds"]},
    "AdjustmentView": _SETTLEMENT,
    "TaxBracketView": {**_SETTLEMENT, WRITE: FIN},
    "TaxLineView": _SETTLEMENT,
    "PayoutBatchView": {**_SETTLEMENT, "ask_approval cancel confirm_paid": FIN, "workbook": FIN},
    "PeriodSealView": {READ: READERS["ledger"], "seal": FIN},
    # System
    "NotificationTemplateView": {READ: READERS["parameters"], WRITE: OPS},
    "NotificationView": {READ: READERS["log"]},
    "SavedViewView": {READ: READERS["orders"], WRITE: READERS["orders"]},
    "ImportBatchView": {READ: "administrator operations auditor"},
    "BackupView": _BACKUP,
    "RestoreJobView": _BACKUP,
}
