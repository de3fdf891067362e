"""The role matrix: each screen, what can be done there, and who may.

A line is "verbs": "roles"; the verb `list` is the permission `can_list`. What is not
here nobody may. `READERS` are the rows of the company's table of roles: take a screen's
readers from there. `MENU` says where a screen stands; a menu shows exactly what one may open.
"""

from collections.abc import Mapping

Lines = Mapping[str, str]

READ, ADD, EDIT, WRITE = "list show", "add", "edit", "add edit delete"
OPS, HR, FIN, ADMIN = "operations", "hr", "finance", "administrator"
DISPATCHER, SERVICE, AUDITOR, PARTNER = "dispatcher", "service", "auditor", "partner"
# The partner is not among them: that role sees what an agency sees of its own workers.
ALL = "administrator operations hr dispatcher finance service auditor"

READERS: Mapping[str, str] = {
    "catalogue": ALL,
    "customers": "administrator operations service auditor",
    "workers": "administrator operations hr dispatcher service auditor",
    "payout": "finance auditor",
    "rosters": "administrator operations hr dispatcher service auditor",
    "orders": ALL,
    "board": "administrator operations dispatcher service auditor",
    "refunds": "operations finance service auditor",
    "payments": "operations finance auditor",
    "settlement": "finance auditor",
    "withdrawals": "finance auditor",
    "ledger": "finance auditor",
    "reviews": "operations dispatcher finance service hr auditor",
    "coupons": "operations finance service auditor",
    "parameters": "administrator operations dispatcher finance auditor",
    "staff": "administrator auditor",
    "backup": "administrator auditor",
    "log": "administrator auditor",
}

_CATALOGUE: Lines = {READ: READERS["catalogue"], WRITE: OPS}
_PERSONNEL: Lines = {READ: READERS["workers"], WRITE: HR}
_ORDERS: Lines = {READ: READERS["orders"]}
_BOARD: Lines = {READ: READERS["board"]}
_SYSTEM: Lines = {READ: READERS["log"]}
# An agency's own workers: what it reads beside the staff.
_WORKERS_AND_PARTNER = f"{READERS['workers']} {PARTNER}"
_ROSTERS_AND_PARTNER = f"{READERS['rosters']} {PARTNER}"

MATRIX: Mapping[str, Lines] = {
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
    "CustomerView": {READ: READERS["customers"], "reveal": "operations service"},
    "AddressView": {READ: READERS["customers"], "reveal": "operations service"},
    "QuoteView": _BOARD,
    "SlotHoldView": _BOARD,
    # Workers
    "WorkerView": {
        READ: _WORKERS_AND_PARTNER,
        "add edit": HR,
        "advance reject approve suspend reinstate": HR,
        "reveal": "operations hr dispatcher service",
    },
    "WorkerSkillView": _PERSONNEL,
    "WorkerAreaView": _PERSONNEL,
    "WorkerDocumentView": {READ: READERS["workers"], "add": HR, "approve refuse": HR},
    "PartnerView": {READ: "administrator operations hr finance auditor", WRITE: HR},
    "PayoutAccountView": {READ: READERS["payout"]},
    # Roster
    "ShiftView": {READ: _ROSTERS_AND_PARTNER, WRITE: "operations hr dispatcher"},
    "LeaveView": {READ: _ROSTERS_AND_PARTNER, "approve refuse": "hr dispatcher"},
    "WorkerBusyView": {READ: READERS["rosters"]},
    # Orders, visits, dispatch
    "OrderView": {
        "list show photo": READERS["orders"],
        "dispatch assign": DISPATCHER,
        "reveal": "operations dispatcher service",
    },
    "VisitView": {READ: f"{READERS['orders']} {PARTNER}"},
    "CheckEventView": _ORDERS,
    "OfferView": _BOARD,
    "AssignmentView": _BOARD,
    "DispatchRunView": _BOARD,
    "ReviewView": {READ: READERS["reviews"]},
    # Money: administrators have no rights here; making, approving and paying are the role's,
    # and the services refuse the same person twice
    "PaymentAttemptView": {READ: READERS["payments"]},
    "PaymentNoticeView": {READ: READERS["payments"]},
    "RefundView": {READ: READERS["refunds"]},
    "CommissionRuleView": {READ: "operations finance auditor", "add edit": FIN},
    "LedgerAccountView": {READ: READERS["ledger"]},
    "JournalView": {READ: READERS["ledger"]},
    "SettlementRunView": {
        READ: READERS["settlement"],
        "make ask cancel": FIN,
        "workbook": "finance auditor",
    },
    "StatementView": {"list show pdf": f"{READERS['settlement']} {PARTNER}"},
    "StatementLineView": {READ: f"{READERS['settlement']} {PARTNER}"},
    "WithdrawalView": {READ: READERS["withdrawals"], "review reject send refresh": FIN},
    "ApprovalView": {READ: "finance auditor", "approve refuse decide_money": FIN},
    # System
    "ParameterView": {
        "rules rule": READERS["parameters"],
        "change_business": OPS,
        "change_money": FIN,
        "change_system": ADMIN,
    },
    "StaffView": {READ: READERS["staff"], "add edit reset_password end_sessions": ADMIN},
    "RoleView": {READ: READERS["staff"]},
    "AuditLogView": _SYSTEM,
    "TimerView": {**_SYSTEM, "retry": ADMIN},
    "OutboxView": {**_SYSTEM, "retry": ADMIN},
    "JobRunView": {**_SYSTEM, "progress": READERS["log"], "cancel retry trace": ADMIN},
    "TimetableView": {"timetable": READERS["log"], "run_now": ADMIN},
    "SearchView": {"search": f"{ALL} {PARTNER}"},
    "DemoClockView": {"clock": "administrator operations"},
}

# The staff's REST resources of app/api/staff, one line each like above. A resource shows what
# the screen of the same table shows: its readers are the screen's.
_REST_CATALOGUE: Lines = {"get": READERS["catalogue"], "post put": OPS}
REST_MATRIX: Mapping[str, Lines] = {
    "StaffCategoryApi": _REST_CATALOGUE,
    "StaffServiceApi": _REST_CATALOGUE,
    "StaffOptionGroupApi": _REST_CATALOGUE,
    "StaffOptionApi": _REST_CATALOGUE,
    "StaffOrderApi": {"get": READERS["orders"]},
    "StaffVisitApi": {"get": f"{READERS['orders']} {PARTNER}"},
    "StaffWorkerApi": {"get": _WORKERS_AND_PARTNER},
    "StaffShiftApi": {"get": _ROSTERS_AND_PARTNER},
}

# Group -> {menu entry: its screen}. The start page is for everybody who is signed in.
HOME = "Today"
MENU: Mapping[str, Mapping[str, str]] = {
    "Orders": {name: name for name in ("OrderView", "VisitView", "SlotHoldView", "QuoteView")},
    "Dispatch": {name: name for name in ("OfferView", "AssignmentView", "DispatchRunView")},
    "Customers": {name: name for name in ("CustomerView", "AddressView")},
    "Workers": {
        name: name
        for name in (
            "WorkerView", "WorkerDocumentView", "WorkerSkillView", "WorkerAreaView", "PartnerView",
        )
    },
    "Roster": {name: name for name in ("ShiftView", "LeaveView", "WorkerBusyView")},
    "Catalogue": {
        name: name
        for name in (
            "ServiceView", "CategoryView", "OptionGroupView", "OptionView", "SkillView",
            "SkillRequirementView", "AreaView", "RegionView",
        )
    },
    "Finance": {
        name: name
        for name in (
            "PaymentAttemptView", "RefundView", "SettlementRunView", "StatementView",
            "ApprovalView", "WithdrawalView", "PayoutAccountView", "CommissionRuleView",
            "JournalView", "LedgerAccountView", "PaymentNoticeView",
        )
    },
    "Quality": {name: name for name in ("ReviewView", "CheckEventView")},
    "System": {
        "ParameterView": "ParameterView",
        "BranchView": "BranchView",
        "Staff": "StaffView",
        "Roles": "RoleView",
        "AuditLogView": "AuditLogView",
        "JobRunView": "JobRunView",
        "TimetableView": "TimetableView",
        "TimerView": "TimerView",
        "OutboxView": "OutboxView",
        "DemoClockView": "DemoClockView",
    },
}  # fmt: skip
# What opens a screen whose first page is no list.
OPENED_BY: Mapping[str, str] = {
    "ParameterView": "can_rules",
    "DemoClockView": "can_clock",
    "TimetableView": "can_timetable",
}
