"""Breaks, blocked time, several days and nights, holds for each service

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('blocked_time',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('worker_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('training', 'meeting', 'other')", name=op.f('ck_blocked_time_kind_known')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_blocked_time_in_order')),
    sa.ForeignKeyConstraint(['worker_id'], ['worker.id'], name=op.f('fk_blocked_time_worker_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blocked_time')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('blocked_time', schema=None) as batch_op:
        batch_op.create_index('ix_blocked_time_starts_at', ['starts_at', 'id'], unique=False)
        batch_op.create_index('ix_blocked_time_worker', ['worker_id', 'starts_at'], unique=False)

    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.add_column(sa.Column('visit_count', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_customer_order_visits_counted'), 'visit_count >= 1')

    with op.batch_alter_table('service', schema=None) as batch_op:
        batch_op.add_column(sa.Column('days_most', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('from_minute', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('to_minute', sa.Integer(), nullable=True))
        batch_op.create_check_constraint(batch_op.f('ck_service_days_in_range'), 'days_most BETWEEN 1 AND 60')
        batch_op.create_check_constraint(batch_op.f('ck_service_both_hours_or_none'), '(from_minute IS NULL) = (to_minute IS NULL)')
        batch_op.create_check_constraint(batch_op.f('ck_service_hours_in_order'), 'from_minute IS NULL OR (from_minute BETWEEN 0 AND 1439 AND from_minute < to_minute AND to_minute <= from_minute + 1440)')

    with op.batch_alter_table('shift', schema=None) as batch_op:
        batch_op.add_column(sa.Column('breaks', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), server_default='[]', nullable=False))

    with op.batch_alter_table('slot_hold', schema=None) as batch_op:
        batch_op.add_column(sa.Column('service_key', sa.String(length=120), server_default='', nullable=False))
        batch_op.add_column(sa.Column('instant', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_index(batch_op.f('uq_slot_hold_one_live'), postgresql_where=sa.text("status = 'live'"), sqlite_where=sa.text("status = 'live'"))
        batch_op.create_index('uq_slot_hold_one_live', ['customer_id', 'service_key'], unique=True, sqlite_where=sa.text("status = 'live'"), postgresql_where=sa.text("status = 'live'"))
        batch_op.create_index('ix_slot_hold_customer', ['customer_id', 'created_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('slot_hold', schema=None) as batch_op:
        batch_op.drop_index('ix_slot_hold_customer')
        batch_op.drop_index('uq_slot_hold_one_live', sqlite_where=sa.text("status = 'live'"), postgresql_where=sa.text("status = 'live'"))
        batch_op.create_index(batch_op.f('uq_slot_hold_one_live'), ['customer_id'], unique=True, postgresql_where=sa.text("status = 'live'"), sqlite_where=sa.text("status = 'live'"))
        batch_op.drop_column('instant')
        batch_op.drop_column('service_key')

    with op.batch_alter_table('shift', schema=None) as batch_op:
        batch_op.drop_column('breaks')

    with op.batch_alter_table('service', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_service_days_in_range'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_service_both_hours_or_none'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_service_hours_in_order'), type_='check')
        batch_op.drop_column('to_minute')
        batch_op.drop_column('from_minute')
        batch_op.drop_column('days_most')

    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_customer_order_visits_counted'), type_='check')
        batch_op.drop_column('visit_count')

    with op.batch_alter_table('blocked_time', schema=None) as batch_op:
        batch_op.drop_index('ix_blocked_time_worker')
        batch_op.drop_index('ix_blocked_time_starts_at')

    op.drop_table('blocked_time')
