"""A list of a table that grows with the orders opens in an order that an index has."""

import sqlalchemy as sa

from app.fab_kinds import column_of


def leading_columns(table: sa.Table) -> set[str]:
    """What the table's indexes and keys begin with."""
    indexes = [next(iter(index.columns)).name for index in table.indexes]
    keys = [
        next(iter(constraint.columns)).name
        for constraint in table.constraints
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint)
    ]
    unique = [column.name for column in table.columns if column.unique or column.index]
    return {*indexes, *keys, *unique}


# What grows with every order; of reference data and of what people write by hand there is less.
GROWING = {
    "accrual", "address", "assignment", "audit_log", "check_event", "complaint",
    "customer_account", "customer_order", "dispatch_run", "journal", "leave", "move_request",
    "notification", "offer", "outbox", "payment_attempt", "payment_notice", "quote", "refund",
    "review", "shift", "slot_hold", "statement", "statement_line", "timer", "visit",
    "withdrawal", "worker_busy",
}  # fmt: skip


def test_each_growing_list_opens_in_the_order_of_an_index(app):
    missing = set()
    for view in app.appbuilder.baseviews:
        model = getattr(getattr(view, "datamodel", None), "obj", None)
        order = getattr(view, "base_order", None)
        if model is None or not order or "." in order[0] or model.__tablename__ not in GROWING:
            continue
        if column_of(model, order[0]).name not in leading_columns(model.__table__):
            missing.add(f"{model.__tablename__}.{order[0]} ({type(view).__name__})")
    assert missing == set()
