"""Refunds that are asked for, adjustments, edits of orders

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('order_edit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quote_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('difference_fen', sa.BigInteger(), nullable=False),
    sa.Column('workers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('old_workers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("status IN ('pending', 'applied', 'dropped')", name=op.f('ck_order_edit_status_known')),
    sa.CheckConstraint('difference_fen > 0', name=op.f('ck_order_edit_difference_positive')),
    sa.ForeignKeyConstraint(['order_id'], ['customer_order.id'], name=op.f('fk_order_edit_order_id')),
    sa.ForeignKeyConstraint(['quote_id'], ['quote.id'], name=op.f('fk_order_edit_quote_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_edit')),
    sa.UniqueConstraint('quote_id', name=op.f('uq_order_edit_quote_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('order_edit', schema=None) as batch_op:
        batch_op.create_index('ix_order_edit_order', ['order_id', 'id'], unique=False)
        batch_op.create_index('ix_order_edit_status', ['status', 'expires_at'], unique=False)
        batch_op.create_index('uq_order_edit_open', ['order_id'], unique=True, sqlite_where=sa.text("status = 'pending'"), postgresql_where=sa.text("status = 'pending'"))

    op.create_table('accrual_reversal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('refund_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('accrual_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('base_fen', sa.BigInteger(), nullable=False),
    sa.Column('commission_fen', sa.BigInteger(), nullable=False),
    sa.Column('worker_fen', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('worker_fen = base_fen - commission_fen', name=op.f('ck_accrual_reversal_adds_up')),
    sa.ForeignKeyConstraint(['accrual_id'], ['accrual.id'], name=op.f('fk_accrual_reversal_accrual_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_accrual_reversal_refund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accrual_reversal')),
    sa.UniqueConstraint('refund_id', 'accrual_id', name=op.f('uq_accrual_reversal_once')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('accrual_reversal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accrual_reversal_accrual_id'), ['accrual_id'], unique=False)

    with op.batch_alter_table('adjustment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('negative_fen', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('asked_by_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_adjustment_asked_by_id'), 'ab_user', ['asked_by_id'], ['id'])
        batch_op.drop_constraint(batch_op.f('ck_adjustment_kind_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_adjustment_kind_known'), "kind IN ('reward', 'penalty', 'compensation', 'carry_over', 'correction', 'refund')")
        batch_op.create_check_constraint(batch_op.f('ck_adjustment_negative_not_negative'), 'negative_fen >= 0')

    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.add_column(sa.Column('supplement_fen', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_customer_order_supplement_not_negative'), 'supplement_fen >= 0')

    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=16), server_default='surplus', nullable=False))
        batch_op.add_column(sa.Column('request_number', sa.String(length=32), server_default='', nullable=False))
        batch_op.add_column(sa.Column('asked_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('way', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('way_reason', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('way_reference', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('taken_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('confirmed_by_id', sa.Integer(), nullable=True))
        batch_op.create_index('ix_refund_request', ['request_number'], unique=False)
        batch_op.create_check_constraint(batch_op.f('ck_refund_kind_known'), "kind IN ('surplus', 'refund', 'compensation')")
        batch_op.create_check_constraint(batch_op.f('ck_refund_way_known'), "way IN ('', 'wechat', 'alipay', 'bank', 'cash')")
        batch_op.create_check_constraint(batch_op.f('ck_refund_two_people'), 'confirmed_by_id IS NULL OR confirmed_by_id <> taken_by_id')
        batch_op.create_foreign_key(batch_op.f('fk_refund_asked_by_id'), 'ab_user', ['asked_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_refund_confirmed_by_id'), 'ab_user', ['confirmed_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_refund_taken_by_id'), 'ab_user', ['taken_by_id'], ['id'])

    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('adjustment_fen', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('carried_fen', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.drop_constraint(batch_op.f('ck_statement_adds_up'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_statement_adds_up'), 'payable_fen = base_fen - commission_fen + adjustment_fen + carried_fen')
        batch_op.create_check_constraint(batch_op.f('ck_statement_carried_not_negative'), 'carried_fen >= 0')

    # Each refund that stands was decided for itself.
    op.execute("UPDATE refund SET request_number = number")
    op.execute(
        "INSERT INTO refund_allocation (refund_id, attempt_id, amount_fen, created_at) "
        "SELECT id, attempt_id, amount_fen, created_at FROM refund WHERE id NOT IN "
        "(SELECT refund_id FROM refund_allocation)"
    )



def downgrade() -> None:
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_statement_adds_up'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_statement_carried_not_negative'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_statement_adds_up'), 'payable_fen = base_fen - commission_fen')
        batch_op.drop_column('carried_fen')
        batch_op.drop_column('adjustment_fen')

    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_refund_taken_by_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_refund_confirmed_by_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_refund_asked_by_id'), type_='foreignkey')
        batch_op.drop_index('ix_refund_request')
        batch_op.drop_constraint(batch_op.f('ck_refund_kind_known'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_refund_way_known'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_refund_two_people'), type_='check')
        batch_op.drop_column('confirmed_by_id')
        batch_op.drop_column('taken_by_id')
        batch_op.drop_column('way_reference')
        batch_op.drop_column('way_reason')
        batch_op.drop_column('way')
        batch_op.drop_column('asked_by_id')
        batch_op.drop_column('request_number')
        batch_op.drop_column('kind')

    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_customer_order_supplement_not_negative'), type_='check')
        batch_op.drop_column('supplement_fen')

    with op.batch_alter_table('adjustment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_adjustment_asked_by_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('ck_adjustment_kind_known'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_adjustment_negative_not_negative'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_adjustment_kind_known'), "kind IN ('reward', 'penalty', 'compensation', 'carry_over', 'correction')")
        batch_op.drop_column('asked_by_id')
        batch_op.drop_column('negative_fen')

    with op.batch_alter_table('accrual_reversal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_accrual_reversal_accrual_id'))

    op.drop_table('accrual_reversal')
    with op.batch_alter_table('order_edit', schema=None) as batch_op:
        batch_op.drop_index('uq_order_edit_open', sqlite_where=sa.text("status = 'pending'"), postgresql_where=sa.text("status = 'pending'"))
        batch_op.drop_index('ix_order_edit_status')
        batch_op.drop_index('ix_order_edit_order')

    op.drop_table('order_edit')
