"""Every reference is found by an index

Revision: 0009, after 0008
"""

from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.create_index('ix_assignment_visit', ['visit_id'], unique=False)

    with op.batch_alter_table('difference', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_difference_item_id'), ['item_id'], unique=False)

    with op.batch_alter_table('manual_journal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_manual_journal_reverses_id'), ['reverses_id'], unique=False)

    with op.batch_alter_table('quote', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quote_address_id'), ['address_id'], unique=False)

    with op.batch_alter_table('redemption', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_redemption_coupon_id'), ['coupon_id'], unique=False)

    with op.batch_alter_table('reward', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reward_period_id'), ['period_id'], unique=False)

    with op.batch_alter_table('service_plan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_plan_address_id'), ['address_id'], unique=False)

    with op.batch_alter_table('withdrawal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_withdrawal_payout_account_id'), ['payout_account_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('withdrawal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_withdrawal_payout_account_id'))

    with op.batch_alter_table('service_plan', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_service_plan_address_id'))

    with op.batch_alter_table('reward', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reward_period_id'))

    with op.batch_alter_table('redemption', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_redemption_coupon_id'))

    with op.batch_alter_table('quote', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quote_address_id'))

    with op.batch_alter_table('manual_journal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_manual_journal_reverses_id'))

    with op.batch_alter_table('difference', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_difference_item_id'))

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_index('ix_assignment_visit')
