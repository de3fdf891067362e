"""All screens of the back office and their places in the menu."""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.security_matrix import ALONE, HOME, MENU
from app.views import base_exports, in_templates
from app.views.approvals import ApprovalView
from app.views.areas import AreaView, BranchView, RegionView
from app.views.audit import ApplicationErrorView, AuditLogView, SystemLogView
from app.views.booked import names_of_sources, source_of
from app.views.catalog import (
    CategoryView,
    OptionGroupView,
    OptionView,
    ServiceView,
    SkillRequirementView,
    SkillView,
)
from app.views.catalog_rules import ChecklistView, HolidayView, PriceRuleView
from app.views.complaints import ComplaintView
from app.views.coupons import CampaignView, CouponTemplateView, CouponView, RedemptionView
from app.views.crm import CustomerTagView, SegmentView, SourceView, TagView
from app.views.customers import AddressView, CustomerView, QuoteView, SlotHoldView
from app.views.demo import DemoClockView, in_the_demo
from app.views.dispatch import AssignmentView, DispatchRunView, OfferView
from app.views.exports import ExportView
from app.views.jobs import JobRunView, TimetableView
from app.views.ledger import JournalView, LedgerAccountView
from app.views.ledger_proof import LedgerProofView
from app.views.links import linked
from app.views.manual_journals import ManualJournalView
from app.views.money import CommissionRuleView, PaymentAttemptView, PaymentNoticeView, RefundView
from app.views.moves import MoveRequestView
from app.views.office import (
    BackupView,
    ImportBatchView,
    IncidentView,
    NoteView,
    NotificationTemplateView,
    NotificationView,
    RestoreJobView,
    SavedViewView,
)
from app.views.order_changes import (
    AddOnView,
    CancellationView,
    ChecklistAnswerView,
    LocationPingView,
    VisitNoteView,
)
from app.views.orders import OrderView
from app.views.parameters import ParameterView
from app.views.partners import PartnerView
from app.views.pay import PayView
from app.views.people import (
    AvailabilityView,
    ExperienceView,
    FaceCheckView,
    PerformancePeriodView,
    RewardView,
    ShiftTemplateView,
    TeamMemberView,
    TeamView,
    TrainingRecordView,
)
from app.views.plans import PlanOccurrenceView, ServicePlanView
from app.views.policies import BoardActionView, DispatchPolicyView
from app.views.preferences import BlockedPairView, ConsentView, FavouriteView, PreferenceView
from app.views.quality import ReviewView
from app.views.quality_lists import (
    CauseView,
    CorrectiveActionView,
    FeedbackView,
    ReviewAppealView,
    ReviewReplyView,
)
from app.views.reconciliation import (
    BillItemView,
    ChannelBillView,
    DifferenceView,
    ReconciliationRunView,
)
from app.views.roster import BlockedTimeView, LeaveView, ShiftView, WorkerBusyView
from app.views.seals import PeriodSealView
from app.views.search import SearchView
from app.views.settlement import SettlementRunView, StatementLineView, StatementView
from app.views.settling import (
    AdjustmentView,
    PayoutBatchView,
    RefundAllocationView,
    TaxBracketView,
    TaxLineView,
)
from app.views.system import OutboxView, TimerView
from app.views.verify import VerifyView
from app.views.visits import CheckEventView, VisitView
from app.views.withdrawals import WithdrawalView
from app.views.workers import (
    PayoutAccountView,
    WorkerAreaView,
    WorkerDocumentView,
    WorkerSkillView,
    WorkerView,
)

GROUPS: Mapping[str, tuple[Any, str]] = {
    "Orders": (_l("Orders"), "fa-clipboard-list"),
    "People": (_l("People"), "fa-user-group"),
    "Customers": (_l("Customers"), "fa-users"),
    "Catalogue": (_l("Catalogue"), "fa-broom"),
    "Money": (_l("Money"), "fa-coins"),
    "Quality": (_l("Quality"), "fa-star"),
    "Marketing": (_l("Marketing"), "fa-bullhorn"),
    "System": (_l("System"), "fa-gear"),
}
SCREENS: Mapping[type[Any], str] = {
    OrderView: "fa-clipboard-list",
    VisitView: "fa-house-user",
    SlotHoldView: "fa-hourglass-half",
    QuoteView: "fa-file-invoice",
    OfferView: "fa-envelope-open-text",
    AssignmentView: "fa-user-tag",
    DispatchRunView: "fa-magnifying-glass-location",
    CustomerView: "fa-users",
    AddressView: "fa-location-dot",
    WorkerView: "fa-user-group",
    WorkerDocumentView: "fa-id-card",
    WorkerSkillView: "fa-screwdriver-wrench",
    WorkerAreaView: "fa-map",
    PartnerView: "fa-handshake",
    ShiftView: "fa-calendar-days",
    LeaveView: "fa-umbrella-beach",
    BlockedTimeView: "fa-calendar-xmark",
    WorkerBusyView: "fa-business-time",
    ServiceView: "fa-broom",
    CategoryView: "fa-folder-tree",
    OptionGroupView: "fa-circle-question",
    OptionView: "fa-list-check",
    SkillView: "fa-graduation-cap",
    SkillRequirementView: "fa-clipboard-check",
    AreaView: "fa-map-location-dot",
    RegionView: "fa-city",
    PaymentAttemptView: "fa-credit-card",
    RefundView: "fa-rotate-left",
    SettlementRunView: "fa-calculator",
    StatementView: "fa-file-lines",
    ApprovalView: "fa-stamp",
    WithdrawalView: "fa-money-bill-transfer",
    PayoutAccountView: "fa-building-columns",
    CommissionRuleView: "fa-percent",
    JournalView: "fa-book",
    LedgerAccountView: "fa-scale-balanced",
    ManualJournalView: "fa-pen-ruler",
    LedgerProofView: "fa-check-double",
    PaymentNoticeView: "fa-bell",
    ReviewView: "fa-star",
    CheckEventView: "fa-location-crosshairs",
    ParameterView: "fa-sliders",
    BranchView: "fa-shop",
    AuditLogView: "fa-shoe-prints",
    SystemLogView: "fa-door-open",
    ApplicationErrorView: "fa-bug",
    ExportView: "fa-file-arrow-down",
    JobRunView: "fa-gears",
    TimetableView: "fa-calendar-check",
    TimerView: "fa-stopwatch",
    OutboxView: "fa-paper-plane",
    DemoClockView: "fa-clock-rotate-left",
    PriceRuleView: "fa-tags",
    ChecklistView: "fa-square-check",
    HolidayView: "fa-calendar-day",
    PreferenceView: "fa-heart",
    FavouriteView: "fa-bookmark",
    BlockedPairView: "fa-user-slash",
    ConsentView: "fa-file-signature",
    CustomerTagView: "fa-tag",
    NoteView: "fa-note-sticky",
    FaceCheckView: "fa-face-smile",
    TrainingRecordView: "fa-chalkboard-user",
    ExperienceView: "fa-briefcase",
    TeamView: "fa-people-group",
    PerformancePeriodView: "fa-chart-line",
    RewardView: "fa-award",
    AvailabilityView: "fa-hand",
    ShiftTemplateView: "fa-table-cells",
    ServicePlanView: "fa-repeat",
    MoveRequestView: "fa-right-left",
    CancellationView: "fa-ban",
    AddOnView: "fa-circle-plus",
    IncidentView: "fa-triangle-exclamation",
    DispatchPolicyView: "fa-compass",
    BoardActionView: "fa-arrow-pointer",
    ComplaintView: "fa-face-frown",
    ReviewAppealView: "fa-scale-unbalanced",
    FeedbackView: "fa-comment",
    CorrectiveActionView: "fa-wrench",
    CauseView: "fa-sitemap",
    ChecklistAnswerView: "fa-list-check",
    VisitNoteView: "fa-pen-to-square",
    SegmentView: "fa-filter",
    CampaignView: "fa-bullhorn",
    CouponTemplateView: "fa-ticket",
    CouponView: "fa-ticket-simple",
    RedemptionView: "fa-cart-shopping",
    SourceView: "fa-arrow-right-to-bracket",
    TagView: "fa-tags",
    AdjustmentView: "fa-plus-minus",
    PayoutBatchView: "fa-boxes-stacked",
    ReconciliationRunView: "fa-code-compare",
    DifferenceView: "fa-not-equal",
    ChannelBillView: "fa-file-csv",
    TaxBracketView: "fa-table-list",
    TaxLineView: "fa-landmark",
    PeriodSealView: "fa-lock",
    NotificationTemplateView: "fa-envelope",
    NotificationView: "fa-inbox",
    SavedViewView: "fa-bookmark",
    ImportBatchView: "fa-file-import",
    BackupView: "fa-database",
    RestoreJobView: "fa-clock-rotate-left",
}
TITLES: Mapping[type[Any], Any] = {
    ParameterView: _l("Parameters"),
    TimetableView: _l("Timetable"),
    DemoClockView: _l("Demo clock"),
}
# Rows that are looked at on the page of what they belong to.
WITHOUT_MENU: tuple[type[Any], ...] = (
    BillItemView, LocationPingView, PlanOccurrenceView, RefundAllocationView, ReviewReplyView,
    SearchView, StatementLineView, TeamMemberView, VerifyView, PayView,
)  # fmt: skip


def register(appbuilder: AppBuilder) -> None:
    """Put every screen into the application; the menu stands in the order of MENU."""
    in_templates.install(current_app)
    current_app.jinja_env.globals.update(
        source_of=source_of, names_of_sources=names_of_sources, linked=linked
    )
    current_app.extensions["exporter"] = base_exports.write
    by_name = {screen.__name__: screen for screen in SCREENS}
    appbuilder.add_link(HOME, href="/", icon="fa-house", label=_l("Today"))
    for entry in ALONE:
        screen = by_name[entry]
        appbuilder.add_view(screen, entry, label=screen.noun_plural, icon=SCREENS[screen])
    for group, entries in MENU.items():
        for entry in entries:
            if entry in by_name:
                _add(appbuilder, by_name[entry], group)
    for screen in WITHOUT_MENU:
        appbuilder.add_view_no_menu(screen)


def _add(appbuilder: AppBuilder, screen: type[Any], group: str) -> None:
    label, icon = GROUPS[group]
    appbuilder.add_view(
        screen,
        screen.__name__,
        label=TITLES.get(screen) or screen.noun_plural,
        icon=SCREENS[screen],
        category=group,
        category_icon=icon,
        category_label=label,
        menu_cond=in_the_demo if screen is DemoClockView else None,
    )
