"""Compensations set against what is owed

Revision: 0018, after 0017
"""

from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

NOW = {
    'kind_known': "kind IN ('surplus', 'refund', 'compensation', 'goodwill', 'set_off')",
    'of_a_payment': "(kind IN ('goodwill', 'set_off')) = (attempt_id IS NULL)",
    'folded_within_amount': "folded_fen = 0 OR (kind IN ('compensation', 'set_off') AND folded_fen BETWEEN 0 AND amount_fen)",
}
BEFORE = {
    'kind_known': "kind IN ('surplus', 'refund', 'compensation', 'goodwill')",
    'of_a_payment': "(kind = 'goodwill' AND attempt_id IS NULL) OR (kind <> 'goodwill' AND attempt_id IS NOT NULL)",
    'folded_within_amount': "folded_fen = 0 OR (kind = 'compensation' AND folded_fen BETWEEN 0 AND amount_fen)",
}


def upgrade() -> None:
    _check(NOW)


def downgrade() -> None:
    """Only where nothing was set off."""
    _check(BEFORE)


def _check(rules: dict[str, str]) -> None:
    with op.batch_alter_table('refund', schema=None) as batch_op:
        for name, rule in rules.items():
            batch_op.drop_constraint(batch_op.f(f'ck_refund_{name}'), type_='check')
            batch_op.create_check_constraint(batch_op.f(f'ck_refund_{name}'), rule)
