"""Who gets in where, said once more beside the code: from the table of roles, not from decorators.

An endpoint that no table here knows has no expectation, and the proof fails until it gets one.
"""

from app.security_exports import EXPORTS
from app.security_matrix import MATRIX, REST_MATRIX

EVERYBODY = frozenset(
    {
        "HomeView.index", "LocaleView.index", "StaffAuthView.login", "StaffAuthView.logout",
        "StaffSecurityApi.login", "UtilView.back", "VerifyView.show", "SpecificationApi.openapi",
        "PayView.show", "PayView.part", "PayView.start", "PayView.visitor",
        "NoticeApi.alipay", "NoticeApi.wechat",
        "appbuilder.static", "static", "favicon", "health.alive", "health.ready",
        "CustomerAuthApi.send_code", "CustomerAuthApi.log_in", "CustomerAuthApi.refresh",
        "WorkerAuthApi.send_code", "WorkerAuthApi.log_in", "WorkerAuthApi.refresh",
    }
)  # fmt: skip
SIGNED_IN = frozenset({"ApiDocsView.docs", "ProfileView.userinfo", "ProfileView.password"})
# With a token of the staff alone; a cookie opens nothing.
TOKENS = frozenset({"StaffSecurityApi.refresh", "MenuApi.get_menu_data"})
# On every screen and resource: method -> verb of the matrix. None: the action that is named.
VERBS: dict[str, str | None] = {
    "list": "list", "show": "show", "add": "add", "edit": "edit", "delete": "delete",
    "lookup": "list", "export": "export", "action": None, "ask": None, "action_post": None,
    "get_list": "get", "get": "get", "post": "post", "put": "put",
    **{verb: verb for verb in ("refund", "compensate", "adjust", "approve", "refuse")},
}  # fmt: skip
# Pages of a screen's own.
PAGES = {
    "DemoClockView.clock": "clock",
    "ExportView.fetch": "fetch",
    "ExportView.progress": "progress",
    "ExportView.under_way": "list",
    "JobRunView.progress": "progress",
    "LedgerAccountView.worker": "worker",
    "LedgerProofView.prove": "prove",
    "ManualJournalView.document": "document",
    **{
        f"{resource}.{verb}": verb
        for resource, verbs in {
            "StaffAddOnApi": "waive",
            "StaffMoveRequestApi": "pass_on turn_down agree decline withdraw",
            "StaffOrderApi": "move move_times reassign choose report_exception resolve stop rework "
            "cancellation cancel compensation dispatch assign change change_preview",
            "StaffPlanOccurrenceApi": "shift skip put_back",
            "StaffPaymentAttemptApi": "hand_in",
            "StaffRefundApi": "send_again settle_otherwise confirm_settled",
            "StaffServicePlanApi": "pause resume cancel cancellation change_preview change",
            "StaffCouponTemplateApi": "give",
            "StaffCustomerApi": "quote plan_preview make_plan add_address block unblock "
            "ask_erasure export_data",
            "StaffWorkerApi": "block unblock leave ask_erasure export_data",
            "StaffWithdrawalApi": "report_return",
            "StaffPartnerApi": "change_account pay_out",
            "StaffPayoutBatchApi": "ask_approval confirm_paid cancel",
        }.items()
        for verb in verbs.split()
    },
    "StaffIncidentApi.decide_absence": "decide_absence",
    "ManualJournalView.enter": "enter",
    "PeriodSealView.seal": "seal",
    "CustomerView.booking": "booking",
    "CustomerView.booking_times": "booking_times",
    "OrderView.cancellation": "cancellation",
    "OrderView.compensation": "compensation",
    "OrderView.changing": "changing",
    "OrderView.photo": "photo",
    "WorkerView.photo": "photo",
    "ServicePlanView.cancellation": "cancellation",
    "ServicePlanView.changing": "changing",
    "ServicePlanView.make": "make",
    "ParameterView.forget": "rule",
    "PaymentAttemptView.voucher": "voucher",
    "ParameterView.rule": "rule",
    "ParameterView.rules": "rules",
    "SearchView.search": "search",
    "SettlementRunView.make": "make",
    "TimetableView.lines": "timetable",
    "TimetableView.run_now": "run_now",
    "TimetableView.timetable": "timetable",
}
REALMS = {"/api/customer/v1": "customer", "/api/worker/v1": "worker"}


def verb_of(endpoint: str, action: str) -> str:
    """The verb that the endpoint asks for. Raises KeyError for what has no entry."""
    if endpoint in PAGES:
        return PAGES[endpoint]
    return VERBS[endpoint.split(".")[-1]] or action


def roles_for(endpoint: str, action: str = "") -> frozenset[str]:
    """The roles that get in. Raises KeyError for an endpoint without an entry."""
    view, verb = endpoint.split(".")[0], verb_of(endpoint, action)
    lines = {**{**MATRIX, **REST_MATRIX}[view], **EXPORTS.get(view, {})}
    roles = (names.split() for verbs, names in lines.items() if verb in verbs.split())
    return frozenset(role for names in roles for role in names)
