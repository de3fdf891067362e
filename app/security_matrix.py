"""The role matrix: each screen, what can be done there, and who may.

A line is "verbs": "roles"; the verb `list` is the permission `can_list`. What is not
here nobody may. Readers come from the rows of the company's table (app.security_readers); the
screens around orders, people and money are in app.security_company. `MENU` says where a screen
stands; a menu shows exactly what one may open.
"""

from collections.abc import Mapping

from app.domain.approvals import DECIDERS, permission_for
from app.security_company import COMPANY
from app.security_readers import (
    ADMIN,
    ALL,
    AUDITOR,
    DISPATCHER,
    FIN,
    HR,
    OPS,
    PARTNER,
    READ,
    READERS,
    SERVICE,
    WRITE,
    Lines,
)
from app.security_resources import resource_lines

_CATALOGUE: Lines = {READ: READERS["catalogue"], WRITE: OPS}
_PERSONNEL: Lines = {READ: READERS["workers"], WRITE: HR}
_ORDERS: Lines = {READ: READERS["orders"]}
_BOARD: Lines = {READ: READERS["board"]}
_SYSTEM: Lines = {READ: READERS["log"]}
# An agency's own workers: what it reads beside the staff.
_WORKERS_AND_PARTNER = f"{READERS['workers']} {PARTNER}"
_ROSTERS_AND_PARTNER = f"{READERS['rosters']} {PARTNER}"

MATRIX: Mapping[str, Lines] = {
    **COMPANY,
    # Catalogue and prices
    "CategoryView": _CATALOGUE,
    "ServiceView": {**_CATALOGUE, "publish unpublish": OPS},
    "OptionGroupView": _CATALOGUE,
    "OptionView": _CATALOGUE,
    "SkillView": _CATALOGUE,
    "SkillRequirementView": _CATALOGUE,
    "AreaView": _CATALOGUE,
    "RegionView": {READ: READERS["catalogue"]},
    "BranchView": {READ: "administrator operations auditor", "add edit": ADMIN},
    # Customers: masked; the dispatcher and HR meet them in orders only
    "CustomerView": {
        READ: READERS["customers"],
        "reveal": "operations service",
        "unmasked": SERVICE,
        "add_note": "operations service",
        "block unblock": "operations service",
        "ask_erasure": "operations service",
        "export_data": SERVICE,
        "add": "operations service",
        "book booking booking_times": SERVICE,
    },
    "AddressView": {
        READ: READERS["customers"],
        "add": "operations service",
        "reveal": "operations service",
        "unmasked": SERVICE,
    },
    "QuoteView": _BOARD,
    "SlotHoldView": _BOARD,
    # Workers
    "WorkerView": {
        READ: _WORKERS_AND_PARTNER,
        "add edit": HR,
        "advance reject approve suspend reinstate leave": HR,
        "ask_erasure export_data": HR,
        "block unblock": HR,
        "photo": _WORKERS_AND_PARTNER,
        "adjust change_photo remove_photo": "operations hr",
        "reveal add_note": "operations hr dispatcher service",
        "unmasked": HR,
    },
    "WorkerSkillView": _PERSONNEL,
    "WorkerAreaView": _PERSONNEL,
    "WorkerDocumentView": {READ: READERS["workers"], "add": HR, "approve refuse reveal": HR},
    "PartnerView": {
        READ: "administrator operations hr finance auditor",
        WRITE: HR,
        "adjust": "operations hr",
        "change_account pay_out": FIN,
    },
    "PayoutAccountView": {READ: READERS["payout"], "reveal": FIN},
    # Roster
    "ShiftView": {READ: _ROSTERS_AND_PARTNER, WRITE: "operations hr dispatcher"},
    "LeaveView": {READ: _ROSTERS_AND_PARTNER, "approve refuse": "hr dispatcher"},
    "BlockedTimeView": {READ: READERS["rosters"], "add delete": "operations hr dispatcher"},
    "WorkerBusyView": {READ: READERS["rosters"]},
    # Orders, visits, dispatch
    "OrderView": {
        "list show photo": READERS["orders"],
        "dispatch assign ask_override": DISPATCHER,
        "cancel cancellation move change_order changing": "operations dispatcher service",
        "reassign": DISPATCHER,
        "report_exception choose stop": "operations dispatcher service",
        "resolve": OPS,
        "rework": "operations service",
        "refund": "operations finance service",
        "compensate compensation": "operations finance service",
        "reveal add_note": "operations dispatcher service",
    },
    "VisitView": {
        READ: f"{READERS['orders']} {PARTNER}",
        "move cancel": "operations dispatcher service",
        "reassign": DISPATCHER,
    },
    "CheckEventView": _ORDERS,
    "OfferView": _BOARD,
    "AssignmentView": _BOARD,
    "DispatchRunView": _BOARD,
    "ReviewView": {READ: READERS["reviews"]},
    # Money: administrators have no rights here; making, approving and paying are the role's,
    # and the services refuse the same person twice
    "PaymentAttemptView": {
        READ: READERS["payments"],
        "enter_transfer hand_in": FIN,
        "voucher": READERS["payments"],
    },
    "PaymentNoticeView": {READ: READERS["payments"]},
    "RefundView": {
        READ: READERS["refunds"],
        "send_again settle_otherwise confirm_settled": FIN,
    },
    "CommissionRuleView": {READ: "operations finance auditor", "add edit": FIN},
    "LedgerAccountView": {"list show worker": READERS["ledger"]},
    "JournalView": {READ: READERS["ledger"], "reverse": FIN},
    "ManualJournalView": {"list show document": READERS["ledger"], "enter": FIN},
    "LedgerProofView": {"list show prove": READERS["ledger"]},
    "SettlementRunView": {
        READ: READERS["settlement"],
        "make ask cancel": FIN,
        "workbook": "finance auditor",
    },
    "StatementView": {"list show pdf": f"{READERS['settlement']} {PARTNER}"},
    "StatementLineView": {READ: f"{READERS['settlement']} {PARTNER}"},
    "WithdrawalView": {
        READ: READERS["withdrawals"],
        "review reject send refresh": FIN,
        "report_return": FIN,
    },
    # One inbox: everybody sees what he asked for; who decides what is said by the kind
    "ApprovalView": {
        READ: ALL,
        "oversee": AUDITOR,
        "approve refuse": " ".join(sorted({role for roles in DECIDERS.values() for role in roles})),
        **{permission_for(kind): " ".join(roles) for kind, roles in DECIDERS.items()},
    },
    # System
    "ParameterView": {
        "rules rule": READERS["parameters"],
        "change_business": OPS,
        "change_money": FIN,
        "change_system": ADMIN,
    },
    "StaffView": {READ: READERS["staff"], "add edit reset_password end_sessions unlock": ADMIN},
    "RoleView": {READ: READERS["staff"], WRITE: ADMIN},
    # Opening a personal value there also needs the right to reveal it on the person's own page.
    "AuditLogView": {READ: READERS["log"], "reveal": READERS["log"]},
    "SystemLogView": {"list": READERS["log"]},
    "ApplicationErrorView": {**_SYSTEM, "solve": ADMIN},
    "TimerView": {**_SYSTEM, "retry": ADMIN},
    "OutboxView": {**_SYSTEM, "retry": ADMIN},
    "JobRunView": {**_SYSTEM, "progress": READERS["log"], "cancel retry trace": ADMIN},
    "ExportView": {
        "list show progress": "administrator operations hr finance auditor",
        "fetch again stop remove": "operations hr finance auditor",
        "see_all": ADMIN,
    },
    "TimetableView": {"timetable": READERS["log"], "run_now": ADMIN},
    "SearchView": {"search": f"{ALL} {PARTNER}"},
    "DemoClockView": {"clock": "administrator operations"},
}

# The staff's REST resources of app/api/staff, one line each like above. A resource shows what
# the screen of the same table shows: its readers are the screen's.
_REST_CATALOGUE: Lines = {"get": READERS["catalogue"], "post put": OPS}
REST_MATRIX: Mapping[str, Lines] = {
    **resource_lines(MATRIX),
    **COMPANY,
    "StaffCategoryApi": _REST_CATALOGUE,
    "StaffServiceApi": _REST_CATALOGUE,
    "StaffOptionGroupApi": _REST_CATALOGUE,
    "StaffOptionApi": _REST_CATALOGUE,
    "StaffOrderApi": {
        "get": READERS["orders"],
        "move move_times cancellation cancel": "operations dispatcher service",
        "change change_preview": "operations dispatcher service",
        "dispatch assign": DISPATCHER,
        "refund compensate compensation": "operations finance service",
        "reassign": DISPATCHER,
        "report_exception choose stop": "operations dispatcher service",
        "resolve": OPS,
        "rework": "operations service",
    },
    "StaffPaymentAttemptApi": {"get": READERS["payments"], "hand_in": FIN},
    "StaffRefundApi": {
        "get": READERS["refunds"],
        "send_again settle_otherwise confirm_settled": FIN,
    },
    "StaffVisitApi": {"get": f"{READERS['orders']} {PARTNER}"},
    "StaffWorkerApi": {
        "get": _WORKERS_AND_PARTNER,
        "adjust": "operations hr",
        "block unblock leave ask_erasure export_data": HR,
    },
    "StaffShiftApi": {"get": _ROSTERS_AND_PARTNER},
}

# Group -> {menu entry: its screen}. The start page is for everybody who is signed in.
HOME = "Today"
MENU: Mapping[str, Mapping[str, str]] = {
    "Orders": {
        name: name
        for name in (
            "OrderView", "VisitView", "ServicePlanView", "MoveRequestView", "CancellationView",
            "AddOnView", "IncidentView", "OfferView", "AssignmentView", "DispatchRunView",
            "DispatchPolicyView", "BoardActionView", "SlotHoldView", "QuoteView",
        )
    },
    "People": {
        name: name
        for name in (
            "WorkerView", "TeamView", "PartnerView", "ShiftView", "ShiftTemplateView", "LeaveView",
            "AvailabilityView", "BlockedTimeView", "WorkerBusyView", "WorkerDocumentView",
            "FaceCheckView", "WorkerSkillView", "WorkerAreaView", "TrainingRecordView",
            "ExperienceView", "PerformancePeriodView", "RewardView",
        )
    },
    "Customers": {
        name: name
        for name in (
            "CustomerView", "AddressView", "PreferenceView", "FavouriteView", "BlockedPairView",
            "ConsentView", "CustomerTagView", "NoteView",
        )
    },
    "Catalogue": {
        name: name
        for name in (
            "ServiceView", "CategoryView", "OptionGroupView", "OptionView", "PriceRuleView",
            "ChecklistView", "SkillView", "SkillRequirementView", "AreaView", "RegionView",
            "HolidayView",
        )
    },
    "Money": {
        name: name
        for name in (
            "PaymentAttemptView", "RefundView", "SettlementRunView", "StatementView",
            "AdjustmentView", "WithdrawalView", "PayoutBatchView",
            "PayoutAccountView", "ReconciliationRunView", "DifferenceView", "ChannelBillView",
            "CommissionRuleView", "TaxBracketView", "TaxLineView", "JournalView",
            "ManualJournalView", "LedgerAccountView", "PeriodSealView", "LedgerProofView",
            "PaymentNoticeView",
        )
    },
    "Quality": {
        name: name
        for name in (
            "ComplaintView", "ReviewView", "ReviewAppealView", "FeedbackView",
            "CorrectiveActionView", "CauseView", "CheckEventView", "ChecklistAnswerView",
            "VisitNoteView",
        )
    },
    "Marketing": {
        name: name
        for name in (
            "SegmentView", "CampaignView", "CouponTemplateView", "CouponView", "RedemptionView",
            "SourceView", "TagView",
        )
    },
    "System": {
        "ParameterView": "ParameterView",
        "BranchView": "BranchView",
        "Staff": "StaffView",
        "Roles": "RoleView",
        "NotificationTemplateView": "NotificationTemplateView",
        "SavedViewView": "SavedViewView",
        "AuditLogView": "AuditLogView",
        "SystemLogView": "SystemLogView",
        "ApplicationErrorView": "ApplicationErrorView",
        "ExportView": "ExportView",
        "JobRunView": "JobRunView",
        "TimetableView": "TimetableView",
        "TimerView": "TimerView",
        "OutboxView": "OutboxView",
        "NotificationView": "NotificationView",
        "ImportBatchView": "ImportBatchView",
        "BackupView": "BackupView",
        "RestoreJobView": "RestoreJobView",
        "DemoClockView": "DemoClockView",
    },
}  # fmt: skip
# Entries beside the groups.
ALONE: Mapping[str, str] = {"ApprovalView": "ApprovalView"}
# What opens a screen whose first page is no list.
OPENED_BY: Mapping[str, str] = {
    "ParameterView": "can_rules",
    "DemoClockView": "can_clock",
    "TimetableView": "can_timetable",
}
