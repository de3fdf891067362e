"""What needs a second person, and which roles may be that person."""

from collections.abc import Mapping

# Kind of request -> the roles that decide it. Who asked never does, whatever his role.
DECIDERS: Mapping[str, tuple[str, ...]] = {
    "manual_journal": ("finance",),
    "bank_transfer": ("finance",),
    "override": ("operations",),
    "booking_override": ("operations",),
    "adjustment": ("finance",),
    "erasure": ("operations",),
    "parameter": ("finance",),
    "payout_batch": ("finance",),
    "period_seal": ("finance",),
    "refund": ("finance",),
    "refund_second": ("finance",),
    "refund_small": ("finance", "service"),
    "role_grant": ("administrator",),
    "settlement_run": ("finance",),
    "waiver": ("finance", "operations"),
    "waiver_second": ("finance",),
    "withdrawal": ("finance",),
    "withdrawal_return": ("finance",),
    "worker_erasure": ("hr", "operations"),
}
# Holding one of these moves money or makes people powerful: giving it needs a second person.
POWERFUL_ROLES = frozenset({"administrator", "finance"})


def permission_for(kind: str) -> str:
    """The permission on the inbox that lets somebody decide requests of this kind."""
    return f"decide_{kind}"
