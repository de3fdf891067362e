"""The labels of each enum of states, by its name: what a refused move is told with."""

from collections.abc import Mapping

from app.views import labels
from app.views.labels import Labels
from app.views.labels_crm import CAMPAIGN_STATUS, COUPON_STATUS
from app.views.labels_money import (
    ADJUSTMENT_STATUS,
    BATCH_STATUS,
    DIFFERENCE_STATUS,
    MANUAL_STATUS,
    RECONCILIATION_STATUS,
)
from app.views.labels_office import BACKUP_STATUS, IMPORT_STATUS, INCIDENT_STATUS, RESTORE_STATUS
from app.views.labels_orders import (
    ADD_ON_STATUS,
    EDIT_STATUS,
    MOVE_STATUS,
    OCCURRENCE_STATUS,
    PLAN_STATUS,
)
from app.views.labels_people import FACE_STATUS, PERIOD_STATUS
from app.views.labels_quality import ACTION_STATUS, APPEAL_STATUS, COMPLAINT_STATUS, FEEDBACK_STATUS

STATUS_OF: Mapping[str, Labels] = {
    "OrderStatus": labels.ORDER_STATUS,
    "VisitStatus": labels.VISIT_STATUS,
    "OfferStatus": labels.OFFER_STATUS,
    "AssignmentStatus": labels.ASSIGNMENT_STATUS,
    "HoldStatus": labels.HOLD_STATUS,
    "PaymentStatus": labels.PAYMENT_STATUS,
    "RefundStatus": labels.REFUND_STATUS,
    "RunStatus": labels.RUN_STATUS,
    "StatementStatus": labels.STATEMENT_STATUS,
    "WithdrawalStatus": labels.WITHDRAWAL_STATUS,
    "WorkerStatus": labels.WORKER_STATUS,
    "DocumentStatus": labels.DOCUMENT_STATUS,
    "LeaveStatus": labels.LEAVE_STATUS,
    "ApprovalStatus": labels.APPROVAL_STATUS,
    "FaceCheckStatus": FACE_STATUS,
    "PeriodStatus": PERIOD_STATUS,
    "PlanStatus": PLAN_STATUS,
    "OccurrenceStatus": OCCURRENCE_STATUS,
    "MoveStatus": MOVE_STATUS,
    "AddOnStatus": ADD_ON_STATUS,
    "EditStatus": EDIT_STATUS,
    "AppealStatus": APPEAL_STATUS,
    "ComplaintStatus": COMPLAINT_STATUS,
    "CampaignStatus": CAMPAIGN_STATUS,
    "CouponStatus": COUPON_STATUS,
    "AdjustmentStatus": ADJUSTMENT_STATUS,
    "ManualStatus": MANUAL_STATUS,
    "BatchStatus": BATCH_STATUS,
    "ReconciliationStatus": RECONCILIATION_STATUS,
    "DifferenceStatus": DIFFERENCE_STATUS,
    "ActionStatus": ACTION_STATUS,
    "FeedbackStatus": FEEDBACK_STATUS,
    "IncidentStatus": INCIDENT_STATUS,
    "ImportStatus": IMPORT_STATUS,
    "BackupStatus": BACKUP_STATUS,
    "RestoreStatus": RESTORE_STATUS,
    "ExportStatus": labels.EXPORT_STATUS,
}
