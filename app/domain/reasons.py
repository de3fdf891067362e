"""Reasons that people choose from. Codes are stored; labels are translated where shown."""

REJECT_REASONS = (
    "too_far", "time_conflict", "unwell", "family_matter", "tools_missing", "beyond_skill",
    "customer_history", "other",
)  # fmt: skip
