"""Charges of finished work that are dropped

Revision: 0021, after 0020
"""

from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

NOW = {
    'kind_known': "kind IN ('surplus', 'refund', 'compensation', 'goodwill', 'set_off', 'waiver')",
    'of_a_payment': "(kind IN ('goodwill', 'set_off', 'waiver')) = (attempt_id IS NULL)",
}
BEFORE = {
    'kind_known': "kind IN ('surplus', 'refund', 'compensation', 'goodwill', 'set_off')",
    'of_a_payment': "(kind IN ('goodwill', 'set_off')) = (attempt_id IS NULL)",
}


def upgrade() -> None:
    _check(NOW)


def downgrade() -> None:
    """Only where nothing was dropped."""
    _check(BEFORE)


def _check(rules: dict[str, str]) -> None:
    with op.batch_alter_table('refund', schema=None) as batch_op:
        for name, rule in rules.items():
            batch_op.drop_constraint(batch_op.f(f'ck_refund_{name}'), type_='check')
            batch_op.create_check_constraint(batch_op.f(f'ck_refund_{name}'), rule)
