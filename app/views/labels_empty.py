"""What an empty list says: what its rows are for, and how one comes to be."""

from typing import Any

from flask_babel import lazy_gettext as _l

# Screen -> (what it is for, how a row comes to be).
EMPTY_LISTS: dict[str, tuple[Any, Any]] = {
    "StaffView": (_l("Who signs in to this back office, and with which roles."), ""),
    "RoleView": (_l("Which screens and actions a group of staff may use."), ""),
    "VisitView": (
        _l("Each time that somebody goes to a customer's home."),
        _l("An order makes its visits as soon as its time is held."),
    ),
    "ServicePlanView": (_l("Services that a customer wants again and again."), ""),
    "MoveRequestView": (
        _l("New times that one side has proposed for an order."),
        _l("Customers and workers ask for them on their clients."),
    ),
    "CancellationView": (
        _l("Orders that ended early, with what it cost and why."),
        _l("Cancel an order on its page, or the customer does on his client."),
    ),
    "AddOnView": (
        _l("Work or time that was added at the door."),
        _l("The worker proposes it during the visit, and the customer agrees."),
    ),
    "OfferView": (
        _l("Orders that were put before a worker to accept."),
        _l("Dispatch makes offers as soon as an order is paid."),
    ),
    "AssignmentView": (
        _l("Who serves which visit."),
        _l("A worker accepts an offer, or a dispatcher assigns one."),
    ),
    "DispatchRunView": (
        _l("Each search for workers, with every candidate's score."),
        _l("Dispatch searches as soon as an order is paid."),
    ),
    "DispatchPolicyView": (_l("How a branch looks for workers, in revisions."), ""),
    "BoardActionView": (
        _l("What dispatchers did on the board, and what they took back."),
        _l("Every change on the board leaves a row."),
    ),
    "SlotHoldView": (
        _l("Times that are kept for a customer while he orders."),
        _l("A customer chooses a time on his client."),
    ),
    "QuoteView": (
        _l("Prices that customers were shown, line by line."),
        _l("A customer ticks services on his client."),
    ),
    "WorkerView": (_l("The people who serve at customers' homes."), ""),
    "TeamView": (_l("Workers who are sent together under one lead."), ""),
    "PartnerView": (_l("Agencies whose workers serve for you."), ""),
    "ShiftView": (_l("Hours in which a worker can be sent."), ""),
    "ShiftTemplateView": (_l("Named hours that fill the roster."), ""),
    "LeaveView": (
        _l("Days on which workers do not want to be sent."),
        _l("Workers ask for leave on their client."),
    ),
    "AvailabilityView": (
        _l("When workers want to work in a usual week."),
        _l("Workers say so on their client."),
    ),
    "BlockedTimeView": (
        _l("Hours in which workers cannot be sent: training, meetings."),
        _l("Breaks are entered with the shift."),
    ),
    "WorkerBusyView": (
        _l("Time that is taken: visits, held times, leave."),
        _l("Orders and leave take it by themselves."),
    ),
    "WorkerDocumentView": (
        _l("Papers of workers, and until when they are valid."),
        _l("Add them on the worker's page."),
    ),
    "FaceCheckView": (
        _l("Comparisons of a worker's face with the document."),
        _l("They are asked for while somebody applies."),
    ),
    "WorkerSkillView": (
        _l("What each worker can do, and how well."),
        _l("Add them on the worker's page."),
    ),
    "WorkerAreaView": (_l("Where each worker can be sent."), _l("Add them on the worker's page.")),
    "TrainingRecordView": (_l("Courses of workers and their results."), ""),
    "ExperienceView": (_l("Where workers worked before."), ""),
    "PerformancePeriodView": (
        _l("Each worker's score of a month, with what it is made of."),
        _l("Scores are made at the end of a month."),
    ),
    "RewardView": (_l("Rewards and penalties that were proposed for workers."), ""),
    "AddressView": (_l("Where customers want to be visited."), ""),
    "PreferenceView": (
        _l("How customers want to be served."),
        _l("Customers say so on their client."),
    ),
    "FavouriteView": (
        _l("Workers and services that customers want to find again."),
        _l("Customers mark them on their client."),
    ),
    "ConsentView": (
        _l("What customers and workers have agreed to, or taken back."),
        _l("They agree on their clients."),
    ),
    "CustomerTagView": (_l("Words that staff put on customers."), ""),
    "NoteView": (_l("What staff write for one another."), ""),
    "ServiceView": (_l("What customers can book."), ""),
    "CategoryView": (_l("The groups in which customers find services."), ""),
    "OptionGroupView": (
        _l("Questions that change price and time of a service."),
        _l("Add them on the service's page."),
    ),
    "OptionView": (
        _l("The answers to these questions, with price and time."),
        _l("Add them to an option group."),
    ),
    "PriceRuleView": (
        _l("What makes a service dearer or cheaper at certain times and places."),
        "",
    ),
    "ChecklistView": (_l("Points that workers tick off at a visit."), ""),
    "SkillView": (_l("What workers can do and services need."), ""),
    "SkillRequirementView": (_l("Which skills a service needs."), ""),
    "AreaView": (_l("Where you serve, with the travel fee."), ""),
    "RegionView": (
        _l("The districts of the city, by their official codes."),
        _l("They come with the installation."),
    ),
    "HolidayView": (_l("Days that are not what their weekday says."), ""),
    "PaymentAttemptView": (_l("Each try to pay an order."), _l("A customer pays on his client.")),
    "StatementView": (
        _l("Each worker's part of a settlement."),
        _l("Make a settlement run first."),
    ),
    "AdjustmentView": (
        _l("Money for or from a worker beside the orders."),
        _l("Ask for one on the worker's page; finance decides."),
    ),
    "PayoutBatchView": (_l("Statements that the bank pays together."), ""),
    "PayoutAccountView": (
        _l("Where workers receive their money."),
        _l("Workers add them on their client."),
    ),
    "ReconciliationRunView": (_l("Your books compared with the channels' bills, day by day."), ""),
    "DifferenceView": (
        _l("Where your books and a channel's bill are not the same."),
        _l("A reconciliation finds them."),
    ),
    "ChannelBillView": (
        _l("The channels' own lists of payments."),
        _l("They are fetched from the channel the next morning."),
    ),
    "BillItemView": (_l("The lines of the channels' bills."), _l("They come with the bill.")),
    "CommissionRuleView": (_l("The company's share of each order."), ""),
    "TaxBracketView": (_l("Steps of the tax that is withheld from workers' pay."), ""),
    "TaxLineView": (
        _l("Tax that was withheld, statement by statement."),
        _l("A settlement makes them when a tax table is chosen."),
    ),
    "LedgerAccountView": (
        _l("The accounts of the books, with their balances."),
        _l("They come with the first payment."),
    ),
    "PaymentNoticeView": (
        _l("What the channels have sent, word for word."),
        _l("A channel sends them when somebody pays."),
    ),
    "RefundAllocationView": (
        _l("How refunds are spread over payments."),
        _l("An order that was paid in parts is refunded in parts."),
    ),
    "StatementLineView": (_l("The orders of the statements."), _l("Make a settlement run first.")),
    "ReviewView": (_l("What customers say of their orders."), ""),
    "ReviewReplyView": (_l("Answers to reviews."), _l("Workers answer on their client.")),
    "FeedbackView": (
        _l("Suggestions and praise that need no case."),
        _l("Customers and workers write it on their clients."),
    ),
    "CorrectiveActionView": (
        _l("What the company does so that a fault does not happen again."),
        _l("Add them on a complaint's page."),
    ),
    "CauseView": (_l("Why something went wrong, from a list of your own."), ""),
    "CheckEventView": (
        _l("Departures, check-ins and check-outs."),
        _l("Workers check in on their client."),
    ),
    "ChecklistAnswerView": (
        _l("Which points were ticked off at which visit."),
        _l("Workers tick them off on their client."),
    ),
    "VisitNoteView": (
        _l("What workers wrote about a visit."),
        _l("Workers write it on their client."),
    ),
    "LocationPingView": (
        _l("Where workers were on their way; kept for a month."),
        _l("The worker's client sends them on the way."),
    ),
    "PlanOccurrenceView": (
        _l("The dates of recurring plans, and their orders."),
        _l("Plans make them ahead."),
    ),
    "TeamMemberView": (_l("Who belongs to which team."), ""),
    "SegmentView": (_l("Customers that are alike, by rules."), ""),
    "CampaignView": (_l("A coupon for a group of customers, in a time and within a budget."), ""),
    "CouponTemplateView": (_l("What a coupon is worth, and how many may be given."), ""),
    "CouponView": (_l("Coupons of single customers."), _l("A campaign gives them out.")),
    "RedemptionView": (
        _l("What coupons took off orders."),
        _l("A customer uses a coupon when he orders."),
    ),
    "SourceView": (_l("Where orders and customers come from."), ""),
    "TagView": (_l("Words for customers, in colours."), ""),
    "BranchView": (_l("The cities and shops of the company."), ""),
    "NotificationTemplateView": (
        _l("The words of messages to customers, workers and staff."),
        _l("Without a template the product's own words are sent."),
    ),
    "SavedViewView": (_l("Lists with their filters under a name."), ""),
    "AuditLogView": (_l("Every change by anyone, for ever."), ""),
    "JobRunView": (
        _l("What ran in the background, and how it ended."),
        _l("The timetable and people's requests start them."),
    ),
    "TimerView": (
        _l("What will happen at a certain time."),
        _l("Orders, offers and requests set them."),
    ),
    "OutboxView": (
        _l("Messages and work that follow from changes."),
        _l("Changes write them by themselves."),
    ),
    "NotificationView": (
        _l("Messages in people's inboxes."),
        _l("Orders and complaints send them."),
    ),
    "ImportBatchView": (_l("Files whose rows were looked at and taken over."), ""),
    "BackupView": (
        _l("Copies of the database, and whether they can be restored."),
        _l("The timetable makes one each night."),
    ),
    "RestoreJobView": (_l("Restores that were asked for, by two people."), ""),
}
