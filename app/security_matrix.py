"""The role matrix: each screen, what can be done there, and who may.

A line is "verbs": "roles"; the verb `list` is the permission `can_list`. What is not
here nobody may. `MENU` says where a screen stands; a menu shows exactly what one may open.
"""

from collections.abc import Mapping

Lines = Mapping[str, str]

ALL = "administrator operations hr dispatcher finance"
READ, ADD, EDIT, WRITE = "list show", "add", "edit", "add edit delete"
OPS, HR, FIN, ADMIN = "operations", "hr", "finance", "administrator"

_CATALOGUE: Lines = {READ: ALL, WRITE: OPS}
_PERSONNEL: Lines = {READ: "administrator operations hr dispatcher", WRITE: HR}
NOT_HR = "administrator operations dispatcher finance"
_ORDERS: Lines = {READ: NOT_HR}
_MONEY: Lines = {READ: FIN}
_SYSTEM: Lines = {READ: ADMIN}

MATRIX: Mapping[str, Lines] = {
    # Catalogue and prices
    "CategoryView": _CATALOGUE,
    "ServiceView": {**_CATALOGUE, "publish unpublish": OPS},
    "OptionGroupView": _CATALOGUE,
    "OptionView": _CATALOGUE,
    "SkillView": _CATALOGUE,
    "SkillRequirementView": _CATALOGUE,
    "AreaView": _CATALOGUE,
    "RegionView": {READ: ALL},
    "BranchView": {READ: "administrator operations", "add edit": ADMIN},
    # Customers: masked; the dispatcher and HR meet them in orders only
    "CustomerView": {READ: "administrator operations", "reveal": OPS},
    "AddressView": {READ: "administrator operations", "reveal": OPS},
    "QuoteView": {READ: "administrator operations dispatcher"},
    "SlotHoldView": {READ: "administrator operations dispatcher"},
    # Workers
    "WorkerView": {
        READ: "administrator operations hr dispatcher",
        "add edit": HR,
        "advance reject approve suspend reinstate": HR,
        "reveal": "operations hr dispatcher",
    },
    "WorkerSkillView": _PERSONNEL,
    "WorkerAreaView": _PERSONNEL,
    "WorkerDocumentView": {
        READ: "administrator operations hr dispatcher",
        "add": HR,
        "approve refuse": HR,
    },
    "PartnerView": {READ: "administrator operations hr finance", WRITE: HR},
    "PayoutAccountView": _MONEY,
    # Roster
    "ShiftView": {
        READ: "administrator operations hr dispatcher",
        WRITE: "operations hr dispatcher",
    },
    "LeaveView": {
        READ: "administrator operations hr dispatcher",
        "approve refuse": "hr dispatcher",
    },
    "WorkerBusyView": {READ: "administrator operations hr dispatcher"},
    # Orders, visits, dispatch: HR knows workers, not what customers order
    "OrderView": {
        "list show photo": NOT_HR,
        "dispatch assign": "operations dispatcher",
        "reveal": "operations dispatcher",
    },
    "VisitView": _ORDERS,
    "CheckEventView": {READ: "administrator operations hr dispatcher"},
    "OfferView": {READ: "administrator operations dispatcher"},
    "AssignmentView": {READ: "administrator operations hr dispatcher"},
    "DispatchRunView": {READ: "administrator operations dispatcher"},
    "ReviewView": {READ: ALL},
    # Money: administrators have no rights here; making, approving and paying are the role's,
    # and the services refuse the same person twice
    "PaymentAttemptView": {READ: "operations finance"},
    "PaymentNoticeView": _MONEY,
    "RefundView": {READ: "operations finance"},
    "CommissionRuleView": {READ: "operations finance", "add edit": FIN},
    "LedgerAccountView": _MONEY,
    "JournalView": _MONEY,
    "SettlementRunView": {"list show make ask cancel workbook": FIN},
    "StatementView": {"list show pdf": FIN},
    "StatementLineView": _MONEY,
    "WithdrawalView": {"list show review reject send refresh": FIN},
    "ApprovalView": {"list show approve refuse decide_money": FIN},
    # System
    "ParameterView": {
        "rules rule": "administrator operations dispatcher finance",
        "change_business": OPS,
        "change_money": FIN,
        "change_system": ADMIN,
    },
    "StaffView": {"list show add edit reset_password end_sessions": ADMIN},
    "RoleView": _SYSTEM,
    "AuditLogView": _SYSTEM,
    "TimerView": {**_SYSTEM, "retry": ADMIN},
    "OutboxView": {**_SYSTEM, "retry": ADMIN},
    "JobRunView": _SYSTEM,
    "SearchView": {"search": ALL},
    "DemoClockView": {"clock": "administrator operations"},
}

# The staff's REST resources of app/api/staff, one line each like above. A resource shows what
# the screen of the same table shows: copy the roles of its READ line.
_REST_CATALOGUE: Lines = {"get": ALL, "post put": OPS}
REST_MATRIX: Mapping[str, Lines] = {
    "StaffCategoryApi": _REST_CATALOGUE,
    "StaffServiceApi": _REST_CATALOGUE,
    "StaffOptionGroupApi": _REST_CATALOGUE,
    "StaffOptionApi": _REST_CATALOGUE,
    "StaffOrderApi": {"get": NOT_HR},
    "StaffVisitApi": {"get": NOT_HR},
    "StaffWorkerApi": {"get": "administrator operations hr dispatcher"},
    "StaffShiftApi": {"get": "administrator operations hr dispatcher"},
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
        "TimerView": "TimerView",
        "OutboxView": "OutboxView",
        "DemoClockView": "DemoClockView",
    },
}  # fmt: skip
# What opens a screen whose first page is no list.
OPENED_BY: Mapping[str, str] = {"ParameterView": "can_rules", "DemoClockView": "can_clock"}
