"""Words for the stored values of the company's other tables; see app.views.labels."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels, _states

WEEKDAY: dict[int, str] = {
    0: _l("Monday"),
    1: _l("Tuesday"),
    2: _l("Wednesday"),
    3: _l("Thursday"),
    4: _l("Friday"),
    5: _l("Saturday"),
    6: _l("Sunday"),
}
PRICE_RULE_KIND: Labels = {
    "area": _l("By area"),
    "peak": _l("Peak hours"),
    "weekday": _l("By weekday"),
    "season": _l("Season"),
    "other": _l("Other"),
}
HOLIDAY_KIND, HOLIDAY_KINDS = _states(
    {"rest": (_l("Day off"), "good"), "working": (_l("Working weekend"), "warn")}
)
WORKER_GENDER: Labels = {"female": _l("A woman"), "male": _l("A man")}
ASKED_BY: Labels = {"customer": _l("Customer"), "worker": _l("Worker"), "staff": _l("Staff")}
CONSENT_KIND: Labels = {
    "terms": _l("Terms of use"),
    "privacy": _l("Privacy policy"),
    "marketing": _l("Advertising"),
    "position": _l("Position"),
    "face": _l("Face check"),
}
FACE_STATUS, FACE_KINDS = _states(
    {
        "asked": (_l("Not done yet"), "off"),
        "unavailable": (_l("Could not be done"), "warn"),
        "passed": (_l("Passed"), "good"),
        "failed": (_l("Not passed"), "bad"),
        "manual": (_l("To be checked by hand"), "warn"),
    }
)
TRAINING_RESULT, TRAINING_KINDS = _states(
    {
        "planned": (_l("Planned"), "info"),
        "passed": (_l("Passed"), "good"),
        "failed": (_l("Not passed"), "bad"),
    }
)
PERIOD_STATUS, PERIOD_KINDS = _states(
    {
        "open": (_l("Being computed"), "off"),
        "published": (_l("Shown to the worker"), "info"),
        "final": (_l("Final"), "good"),
    }
)
REWARD_KIND: Labels = {"reward": _l("Reward"), "penalty": _l("Penalty")}
REWARD_STATUS, REWARD_KINDS = _states(
    {
        "proposed": (_l("Proposed"), "warn"),
        "approved": (_l("Approved"), "info"),
        "refused": (_l("Refused"), "off"),
        "settled": (_l("Settled"), "good"),
    }
)
PLAN_STATUS, PLAN_KINDS = _states(
    {
        "active": (_l("Running plan"), "good"),
        "paused": (_l("Paused"), "warn"),
        "ended": (_l("Ended"), "off"),
    }
)
OCCURRENCE_STATUS, OCCURRENCE_KINDS = _states(
    {
        "planned": (_l("Planned"), "info"),
        "ordered": (_l("Ordered"), "good"),
        "skipped": (_l("Skipped"), "off"),
        "impossible": (_l("Not possible"), "bad"),
        "cancelled": (_l("Cancelled"), "off"),
    }
)
MOVE_STATUS, MOVE_KINDS = _states(
    {
        "proposed": (_l("Proposed"), "warn"),
        "ops_review": (_l("Waiting for operations"), "warn"),
        "await_other_side": (_l("Waiting for the other side"), "info"),
        "agreed": (_l("Agreed"), "good"),
        "declined": (_l("Declined"), "bad"),
        "expired": (_l("Expired"), "off"),
        "withdrawn": (_l("Withdrawn"), "off"),
    }
)
CANCEL_PARTY: Labels = {
    "customer": _l("Customer"),
    "platform": _l("The company"),
    "worker": _l("Worker"),
    "clock": _l("By itself"),
}
ADD_ON_KIND: Labels = {
    "option": _l("Option"),
    "time": _l("More time"),
    "material": _l("Material"),
    "other": _l("Other"),
}
ADD_ON_STATUS, ADD_ON_KINDS = _states(
    {
        "proposed": (_l("Proposed"), "warn"),
        "approved": (_l("Agreed"), "good"),
        "refused": (_l("Refused"), "bad"),
        "expired": (_l("Expired"), "off"),
    }
)
EDIT_STATUS, EDIT_KINDS = _states(
    {
        "pending": (_l("Waiting for payment"), "warn"),
        "applied": (_l("Made"), "good"),
        "dropped": (_l("Given up"), "off"),
    }
)
APPEAL_STATUS, APPEAL_KINDS = _states(
    {
        "asked": (_l("To be decided"), "warn"),
        "upheld": (_l("Upheld, the review does not count"), "good"),
        "refused": (_l("Refused"), "off"),
    }
)
FEEDBACK_KIND: Labels = {
    "suggestion": _l("Suggestion"),
    "praise": _l("Praise"),
    "fault": _l("Fault of the app"),
    "other": _l("Other"),
}
FEEDBACK_STATUS, FEEDBACK_KINDS = _states(
    {
        "new": (_l("New"), "warn"),
        "read": (_l("Read"), "info"),
        "answered": (_l("Answered"), "good"),
    }
)
CAUSE_PARTY: Labels = {
    "company": _l("The company"),
    "worker": _l("Worker"),
    "customer": _l("Customer"),
    "partner": _l("Partner"),
    "other": _l("Other"),
}
COMPLAINT_STATUS, COMPLAINT_KINDS = _states(
    {
        "new": (_l("New"), "bad"),
        "assigned": (_l("Has a handler"), "warn"),
        "investigating": (_l("Being looked into"), "warn"),
        "waiting_for_customer": (_l("Customer is asked"), "info"),
        "proposed": (_l("Solution proposed"), "info"),
        "resolved": (_l("Resolved"), "good"),
        "closed": (_l("Closed"), "off"),
    }
)
COMPLAINT_CATEGORY: Labels = {
    "quality": _l("Quality of the work"),
    "attitude": _l("Attitude"),
    "late": _l("Late or absent"),
    "damage": _l("Damage"),
    "price": _l("Price"),
    "safety": _l("Safety"),
    "other": _l("Other"),
}
SEVERITY, SEVERITY_KINDS = _states(
    {
        "low": (_l("Low"), "off"),
        "normal": (_l("Normal"), "info"),
        "high": (_l("High"), "warn"),
        "critical": (_l("Critical"), "bad"),
    }
)
COMPLAINT_SOURCE: Labels = {
    "customer": _l("App"),
    "phone": _l("Telephone"),
    "staff": _l("Staff"),
    "channel": _l("Other platform"),
}
COMPLAINT_EVENT: Labels = {
    "created": _l("Complaint received"),
    "assigned": _l("Handler named"),
    "investigated": _l("Looked into"),
    "customer_asked": _l("Customer asked"),
    "customer_answered": _l("Customer answered"),
    "proposed": _l("Solution proposed"),
    "proposal_declined": _l("Proposal declined"),
    "resolved": _l("Resolved"),
    "closed": _l("Closed"),
    "reopened": _l("Opened again"),
    "note": _l("Note"),
}
ACTION_STATUS, ACTION_KINDS = _states(
    {
        "open": (_l("Open"), "warn"),
        "done": (_l("Done"), "good"),
        "dropped": (_l("Dropped"), "off"),
    }
)
SOURCE_KIND: Labels = {
    "own": _l("Own client"),
    "phone": _l("Telephone"),
    "shop": _l("Shop"),
    "platform": _l("Other platform"),
    "advert": _l("Advertisement"),
    "referral": _l("Recommended by customers"),
}
TAG_COLOUR: Labels = {
    "good": _l("Green"),
    "info": _l("Blue"),
    "warn": _l("Yellow"),
    "bad": _l("Red"),
    "off": _l("Grey"),
}
COUPON_KIND: Labels = {"amount": _l("An amount"), "percent": _l("Per cent of the price")}
COUPON_STATUS, COUPON_KINDS = _states(
    {
        "given": (_l("Can be used"), "good"),
        "used": (_l("Used"), "info"),
        "expired": (_l("Expired"), "off"),
        "withdrawn": (_l("Withdrawn"), "bad"),
    }
)
CAMPAIGN_STATUS, CAMPAIGN_KINDS = _states(
    {
        "draft": (_l("Draft"), "off"),
        "running": (_l("Running"), "good"),
        "paused": (_l("Paused"), "warn"),
        "ended": (_l("Ended"), "off"),
    }
)
BILL_KIND: Labels = {"trade": _l("Trades"), "fund_flow": _l("Flow of funds")}
BILL_ITEM_KIND: Labels = {
    "payment": _l("Payment"),
    "refund": _l("Refund"),
    "transfer": _l("Payout"),
    "fee": _l("Fee"),
    "other": _l("Other"),
}
RECONCILIATION_STATUS, RECONCILIATION_KINDS = _states(
    {
        "open": (_l("Open"), "warn"),
        "different": (_l("Has differences"), "bad"),
        "matched": (_l("Matched"), "good"),
    }
)
DIFFERENCE_STATUS, DIFFERENCE_KINDS = _states(
    {
        "open": (_l("Open"), "bad"),
        "explained": (_l("Explained"), "info"),
        "posted": (_l("Posted"), "good"),
    }
)
DIFFERENCE_KIND: Labels = {
    "only_ours": _l("Only in our books"),
    "only_theirs": _l("Only on the bill"),
    "amount": _l("Other amount"),
    "fee": _l("Other fee"),
    "status": _l("Other state"),
}
REFUND_KIND: Labels = {
    "surplus": _l("Paid too much"),
    "refund": _l("Refund"),
    "compensation": _l("Compensation"),
}
ADJUSTMENT_KIND: Labels = {
    "reward": _l("Reward"),
    "penalty": _l("Penalty"),
    "compensation": _l("Compensation"),
    "carry_over": _l("Carried over"),
    "correction": _l("Correction"),
    "refund": _l("Taken back by a refund"),
}
ADJUSTMENT_STATUS, ADJUSTMENT_KINDS = _states(
    {
        "asked": (_l("Waiting for approval"), "warn"),
        "approved": (_l("Approved"), "info"),
        "refused": (_l("Refused"), "off"),
        "settled": (_l("Settled"), "good"),
    }
)
MANUAL_STATUS, MANUAL_KINDS = _states(
    {
        "asked": (_l("Waits for approval"), "warn"),
        "posted": (_l("Posted"), "good"),
        "refused": (_l("Refused"), "off"),
    }
)
BATCH_STATUS, BATCH_KINDS = _states(
    {
        "draft": (_l("Draft"), "off"),
        "approved": (_l("Approved"), "info"),
        "paid": (_l("Paid"), "good"),
        "cancelled": (_l("Cancelled"), "off"),
    }
)
NOTE_SUBJECT: Labels = {
    "order": _l("Order"),
    "customer": _l("Customer"),
    "worker": _l("Worker"),
    "complaint": _l("Complaint"),
    "plan": _l("Recurring plan"),
}
INCIDENT_STATUS, INCIDENT_KINDS = _states(
    {
        "open": (_l("Open"), "bad"),
        "in_work": (_l("In work"), "warn"),
        "solved": (_l("Solved"), "good"),
    }
)
INCIDENT_KIND: Labels = {
    "worker_no_show": _l("Worker did not come"),
    "customer_no_show": _l("Customer absent"),
    "late": _l("Worker late"),
    "capacity_lost": _l("No worker free any more"),
    "damage": _l("Damage"),
    "accident": _l("Accident"),
    "ledger": _l("The ledger does not add up"),
    "other": _l("Other"),
}
TEMPLATE_CHANNEL: Labels = {
    "in_app": _l("In the app"),
    "sms": _l("Text message"),
    "wechat": _l("WeChat"),
    "email": _l("Email"),
}
TEMPLATE_ROLE: Labels = {
    "customer": _l("Customer"),
    "worker": _l("Worker"),
    "staff": _l("Staff"),
    "partner": _l("Partner"),
}
IMPORT_STATUS, IMPORT_KINDS = _states(
    {
        "read": (_l("Read, not taken over"), "warn"),
        "taken": (_l("Taken over"), "good"),
        "refused": (_l("Refused"), "off"),
    }
)
BACKUP_STATUS, BACKUP_KINDS = _states(
    {
        "running": (_l("Running"), "info"),
        "made": (_l("Made"), "warn"),
        "proved": (_l("Proved by restoring it"), "good"),
        "failed": (_l("Failed"), "bad"),
    }
)
RESTORE_STATUS, RESTORE_KINDS = _states(
    {
        "asked": (_l("Asked for"), "warn"),
        "compared": (_l("Compared"), "info"),
        "approved": (_l("Approved"), "info"),
        "done": (_l("Done"), "good"),
        "refused": (_l("Refused"), "off"),
        "failed": (_l("Failed"), "bad"),
    }
)
RESTORE_SCOPE: Labels = {"all": _l("Everything"), "entities": _l("Chosen entities")}
EXPORT_STATUS, EXPORT_KINDS = _states(
    {
        "waiting": (_l("Waiting"), "warn"),
        "running": (_l("Running"), "info"),
        "ready": (_l("Ready"), "good"),
        "failed": (_l("Failed"), "bad"),
        "cancelled": (_l("Cancelled"), "off"),
        "expired": (_l("Expired"), "off"),
    }
)
STATUS_OF_COMPANY: dict[str, Labels] = {
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
    "ExportStatus": EXPORT_STATUS,
}
