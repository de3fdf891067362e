"""Each line of a price says what it is: rules of an area, a weekday, a holiday, a season

Revision: 0010, after 0009
"""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

LINES = "kind IN ('base', 'option', 'travel', 'area', 'peak', 'weekday', 'holiday', 'season', 'other', 'overtime', 'add_on', 'coupon')"
LINES_BEFORE = "kind IN ('base', 'option', 'travel', 'peak', 'overtime', 'add_on', 'coupon')"
RULES = "kind IN ('area', 'peak', 'weekday', 'holiday', 'season', 'other')"
RULES_BEFORE = "kind IN ('area', 'peak', 'weekday', 'season', 'other')"
# The label of a line begins with the name of its rule.
NAMED = "order_line.label = r.name OR substr(order_line.label, 1, length(r.name) + 1) = r.name || ' '"
KIND = """CASE WHEN r.kind <> 'other' THEN r.kind WHEN r.from_minute IS NOT NULL THEN 'peak'
    WHEN r.weekdays <> 0 THEN 'weekday' WHEN r.area_id IS NOT NULL THEN 'area' ELSE 'other' END"""


def upgrade() -> None:
    _replace('order_line', LINES)
    _replace('price_rule', RULES)
    op.execute(
        f"UPDATE order_line SET kind = (SELECT min({KIND}) FROM price_rule r WHERE {NAMED}) "
        f"WHERE kind = 'peak' AND EXISTS (SELECT 1 FROM price_rule r WHERE {NAMED})"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE order_line SET kind = 'peak' "
        "WHERE kind IN ('area', 'weekday', 'holiday', 'season', 'other')"
    )
    op.execute("UPDATE price_rule SET kind = 'other' WHERE kind = 'holiday'")
    _replace('price_rule', RULES_BEFORE)
    _replace('order_line', LINES_BEFORE)


def _replace(table: str, condition: str) -> None:
    name = f'ck_{table}_kind_known'
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(name), type_='check')
        batch_op.create_check_constraint(batch_op.f(name), condition)
