"""Payments, settlement, reconciliation and the ledger: read, and what is done by hand."""

from typing import Any

from app.api.staff.base import StaffReadApi
from app.api.staff.money_verbs import (
    BankNumberRequest,
    DecidedResponse,
    OtherWayRequest,
    ProofRequest,
    ReturnRequest,
)
from app.api.staff.verbs import WhyRequest, verb
from app.fab_interface import ModelInterface
from app.models import (
    Adjustment,
    Approval,
    BillItem,
    ChannelBill,
    CommissionRule,
    Difference,
    Journal,
    LedgerAccount,
    LedgerProof,
    ManualJournal,
    PaymentAttempt,
    PaymentNotice,
    PayoutBatch,
    PeriodSeal,
    ReconciliationRun,
    Refund,
    RefundAllocation,
    SettlementRun,
    Statement,
    StatementLine,
    TaxBracket,
    TaxLine,
    Withdrawal,
)
from app.services.money import offline, payouts, refunds, returning


class StaffAdjustmentApi(StaffReadApi):
    datamodel = ModelInterface(Adjustment)
    resource_name = "adjustments"
    list_columns = ["id", "number", "worker", "partner", "kind", "amount_fen", "reason", "status"]
    show_columns = [*list_columns, "order", "statement", "branch", "created_at", "version"]
    search_columns = ["number", "worker", "kind", "status", "branch", "created_at"]
    base_order = ("id", "desc")


class StaffBillItemApi(StaffReadApi):
    datamodel = ModelInterface(BillItem)
    resource_name = "bill-items"
    list_columns = [
        "id", "bill", "kind", "reference", "channel_reference", "amount_fen", "fee_fen", "at",
    ]  # fmt: skip
    show_columns = list_columns
    search_columns = ["bill", "kind", "reference", "channel_reference"]
    base_order = ("id", "desc")


class StaffChannelBillApi(StaffReadApi):
    datamodel = ModelInterface(ChannelBill)
    resource_name = "channel-bills"
    list_columns = ["id", "bill_on", "channel", "kind", "lines", "in_fen", "out_fen", "fee_fen"]
    show_columns = [*list_columns, "sha256", "created_at"]
    search_columns = ["bill_on", "channel", "kind"]
    base_order = ("id", "desc")


class StaffCommissionRuleApi(StaffReadApi):
    datamodel = ModelInterface(CommissionRule)
    resource_name = "commission-rules"
    list_columns = ["id", "name", "code", "revision", "rate_bp", "valid_from", "active"]
    show_columns = [*list_columns, "version"]
    search_columns = ["name", "code", "active", "valid_from"]
    base_order = ("id", "desc")


class StaffDifferenceApi(StaffReadApi):
    datamodel = ModelInterface(Difference)
    resource_name = "differences"
    list_columns = [
        "id", "run", "kind", "reference", "ours_fen", "theirs_fen", "status", "created_at",
    ]  # fmt: skip
    show_columns = [*list_columns, "disposition", "note", "journal_id", "version"]
    search_columns = ["run", "kind", "reference", "status", "created_at"]
    base_order = ("id", "desc")


class StaffJournalApi(StaffReadApi):
    datamodel = ModelInterface(Journal)
    resource_name = "journals"
    list_columns = ["id", "posted_at", "kind", "key", "posted_on"]
    show_columns = [*list_columns, "source_kind", "source_id"]
    search_columns = ["key", "kind", "posted_on"]
    base_order = ("id", "desc")


class StaffLedgerAccountApi(StaffReadApi):
    datamodel = ModelInterface(LedgerAccount)
    resource_name = "ledger-accounts"
    list_columns = ["id", "code", "worker", "balance_fen", "normal"]
    show_columns = [*list_columns, "minimum_fen"]
    search_columns = ["code", "balance_fen"]
    base_order = ("id", "desc")


class StaffLedgerProofApi(StaffReadApi):
    datamodel = ModelInterface(LedgerProof)
    resource_name = "ledger-proofs"
    list_columns = ["id", "finished_at", "whole", "asked_by_id"]
    show_columns = [*list_columns, "started_at", "results"]
    search_columns = ["whole", "finished_at"]
    base_order = ("id", "desc")


class StaffManualJournalApi(StaffReadApi):
    datamodel = ModelInterface(ManualJournal)
    resource_name = "manual-journals"
    list_columns = ["id", "number", "booked_on", "reason", "total_fen", "status", "created_at"]
    show_columns = [
        *list_columns, "lines", "asked_by_id", "approved_by_id", "reverses_id", "journal_id",
        "version",
    ]  # fmt: skip
    search_columns = ["number", "status", "booked_on", "total_fen", "created_at"]
    base_order = ("id", "desc")


class StaffPaymentAttemptApi(StaffReadApi):
    datamodel = ModelInterface(PaymentAttempt)
    resource_name = "payments"
    list_columns = [
        "id", "out_trade_no", "order", "channel", "amount_fen", "status", "created_at", "paid_at",
        "worker", "handed_in_at",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "refund_fen", "method", "transaction_id", "expires_at", "handed_in_by_id",
        "version",
    ]  # fmt: skip
    search_columns = [
        "out_trade_no", "order", "status", "paid_at", "channel", "amount_fen", "worker",
        "handed_in_at",
    ]  # fmt: skip
    base_order = ("id", "desc")

    @verb()
    def hand_in(self, pk: int, body: dict[str, Any]) -> None:
        offline.hand_in_cash(pk, actor=self.actor)


class StaffPaymentNoticeApi(StaffReadApi):
    datamodel = ModelInterface(PaymentNotice)
    resource_name = "payment-notices"
    list_columns = ["id", "received_at", "channel", "out_trade_no", "outcome", "notice_id"]
    show_columns = list_columns
    search_columns = ["channel", "out_trade_no", "outcome", "received_at"]
    base_order = ("id", "desc")


class StaffPayoutBatchApi(StaffReadApi):
    datamodel = ModelInterface(PayoutBatch)
    resource_name = "payout-batches"
    list_columns = [
        "id", "number", "branch", "lines", "total_fen", "status", "made_by_id", "paid_by_id",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "approved_by_id", "paid_at", "bank_number", "created_at", "version",
    ]  # fmt: skip
    search_columns = ["number", "status", "created_at"]
    base_order = ("id", "desc")

    @verb(response=DecidedResponse)
    def ask_approval(self, pk: int, body: dict[str, Any]) -> Approval:
        """Show the draft to another person of finance."""
        return payouts.ask_approval(pk, actor=self.actor)

    @verb(BankNumberRequest)
    def confirm_paid(self, pk: int, body: dict[str, Any]) -> None:
        """The bank has paid it, says a third person; it is booked."""
        payouts.confirm_paid(pk, **body, actor=self.actor)

    @verb(WhyRequest)
    def cancel(self, pk: int, body: dict[str, Any]) -> None:
        payouts.cancel(pk, **body, actor=self.actor)


class StaffPeriodSealApi(StaffReadApi):
    datamodel = ModelInterface(PeriodSeal)
    resource_name = "period-seals"
    list_columns = [
        "id", "period_from", "period_to", "last_journal_id", "sealed_by_id", "sealed_at",
    ]  # fmt: skip
    show_columns = [*list_columns, "totals", "hash"]
    search_columns = ["period_from", "period_to"]
    base_order = ("id", "desc")


class StaffReconciliationRunApi(StaffReadApi):
    datamodel = ModelInterface(ReconciliationRun)
    resource_name = "reconciliation-runs"
    list_columns = [
        "id", "bill_on", "channel", "matched", "differences", "ours_fen", "theirs_fen", "status",
    ]  # fmt: skip
    show_columns = [*list_columns, "created_at", "version"]
    search_columns = ["bill_on", "channel", "status"]
    base_order = ("id", "desc")


class StaffRefundAllocationApi(StaffReadApi):
    datamodel = ModelInterface(RefundAllocation, load=("attempt",))
    resource_name = "refund-allocations"
    list_columns = ["id", "refund", "amount_fen", "created_at"]
    show_columns = list_columns
    search_columns = ["refund", "created_at"]
    base_order = ("id", "desc")


class StaffRefundApi(StaffReadApi):
    datamodel = ModelInterface(Refund)
    resource_name = "refunds"
    list_columns = ["id", "number", "order", "amount_fen", "status", "reason", "created_at"]
    show_columns = [
        *list_columns, "kind", "attempt", "failure", "channel_refund_id", "way", "way_reason",
        "way_reference", "succeeded_at", "version",
    ]  # fmt: skip
    search_columns = ["number", "order", "status", "created_at"]
    base_order = ("id", "desc")

    @verb()
    def send_again(self, pk: int, body: dict[str, Any]) -> None:
        refunds.send_again(pk, actor=self.actor)

    @verb(OtherWayRequest)
    def settle_otherwise(self, pk: int, body: dict[str, Any]) -> None:
        refunds.settle_otherwise(pk, **body, actor=self.actor)

    @verb(ProofRequest)
    def confirm_settled(self, pk: int, body: dict[str, Any]) -> None:
        refunds.confirm_settled(pk, **body, actor=self.actor)


class StaffSettlementRunApi(StaffReadApi):
    datamodel = ModelInterface(SettlementRun)
    resource_name = "settlement-runs"
    list_columns = [
        "id", "number", "period_from", "period_to", "base_fen", "commission_fen", "payable_fen",
        "status",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "made_by_id", "created_at", "approved_by_id", "approved_at", "version",
    ]  # fmt: skip
    search_columns = ["number", "status", "period_from", "period_to"]
    base_order = ("id", "desc")


class StaffStatementApi(StaffReadApi):
    datamodel = ModelInterface(Statement)
    resource_name = "statements"
    list_columns = [
        "id", "number", "worker", "run", "base_fen", "commission_fen", "payable_fen", "status",
    ]  # fmt: skip
    show_columns = [*list_columns, "created_at", "answered_at", "dispute_text", "version"]
    search_columns = ["number", "worker", "status", "created_at"]
    base_order = ("id", "desc")


class StaffStatementLineApi(StaffReadApi):
    datamodel = ModelInterface(StatementLine)
    resource_name = "statement-lines"
    list_columns = ["id", "order", "base_fen", "commission_bp", "commission_fen", "worker_fen"]
    show_columns = [*list_columns, "statement"]
    search_columns: list[str] = []
    base_order = ("id", "desc")


class StaffTaxBracketApi(StaffReadApi):
    datamodel = ModelInterface(TaxBracket)
    resource_name = "tax-brackets"
    list_columns = ["id", "table_code", "valid_from", "from_fen", "rate_bp", "deduction_fen"]
    show_columns = [*list_columns, "created_at", "version"]
    search_columns = ["table_code", "valid_from"]
    base_order = ("id", "desc")


class StaffTaxLineApi(StaffReadApi):
    datamodel = ModelInterface(TaxLine, load=("statement.worker",))
    resource_name = "tax-lines"
    list_columns = ["id", "statement", "table_code", "base_fen", "rate_bp", "tax_fen", "created_at"]
    show_columns = list_columns
    search_columns = ["statement", "table_code", "created_at"]
    base_order = ("id", "desc")


class StaffWithdrawalApi(StaffReadApi):
    datamodel = ModelInterface(Withdrawal, load=("payout_account",))
    resource_name = "withdrawals"
    list_columns = ["id", "number", "worker", "amount_fen", "channel", "status", "created_at"]
    show_columns = [
        *list_columns, "reviewed_by_id", "sent_by_id", "sent_at", "channel_bill_no", "failure",
        "finished_at", "version",
    ]  # fmt: skip
    search_columns = ["number", "worker", "status", "channel", "created_at", "amount_fen"]
    base_order = ("id", "desc")

    @verb(ReturnRequest, DecidedResponse)
    def report_return(self, pk: int, body: dict[str, Any]) -> Approval:
        """The bank returned what was paid; another person of finance decides the answer's row."""
        return returning.report_return(pk, **body, actor=self.actor)


APIS = (
    StaffAdjustmentApi,
    StaffBillItemApi,
    StaffChannelBillApi,
    StaffCommissionRuleApi,
    StaffDifferenceApi,
    StaffJournalApi,
    StaffLedgerAccountApi,
    StaffLedgerProofApi,
    StaffManualJournalApi,
    StaffPaymentAttemptApi,
    StaffPaymentNoticeApi,
    StaffPayoutBatchApi,
    StaffPeriodSealApi,
    StaffReconciliationRunApi,
    StaffRefundAllocationApi,
    StaffRefundApi,
    StaffSettlementRunApi,
    StaffStatementApi,
    StaffStatementLineApi,
    StaffTaxBracketApi,
    StaffTaxLineApi,
    StaffWithdrawalApi,
)
