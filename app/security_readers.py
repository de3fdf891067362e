"""The company's table of roles: who reads what, and the words of the matrix."""

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
