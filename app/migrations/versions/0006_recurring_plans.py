"""Recurring plans

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plan_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('plan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=True),
    sa.Column('actor_kind', sa.String(length=16), nullable=False),
    sa.Column('actor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('data', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['plan_id'], ['service_plan.id'], name=op.f('fk_plan_event_plan_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_event')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('plan_event', schema=None) as batch_op:
        batch_op.create_index('ix_plan_event_plan', ['plan_id', 'id'], unique=False)

    # Nothing made orders of plans until now.
    op.execute("UPDATE plan_occurrence SET status = 'planned' WHERE status = 'ordered' AND order_id IS NULL")
    with op.batch_alter_table('plan_occurrence', schema=None) as batch_op:
        batch_op.create_index('ix_plan_occurrence_starts_at', ['status', 'starts_at'], unique=False)
        batch_op.create_check_constraint(batch_op.f('ck_plan_occurrence_ordered_has_order'), "status <> 'ordered' OR order_id IS NOT NULL")

    with op.batch_alter_table('service_plan', schema=None) as batch_op:
        batch_op.add_column(sa.Column('on_holidays', sa.String(length=8), server_default='skip', nullable=False))
        batch_op.add_column(sa.Column('paused_until', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('follows_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_service_plan_follows_id'), ['follows_id'])
        batch_op.create_foreign_key(batch_op.f('fk_service_plan_follows_id'), 'service_plan', ['follows_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_service_plan_on_holidays_known'), "on_holidays IN ('skip', 'keep')")
        batch_op.create_check_constraint(batch_op.f('ck_service_plan_only_paused_resumes'), "paused_until IS NULL OR status = 'paused'")
        # A day that is left out is a date of the plan with its own state.
        batch_op.drop_column('exdates')



def downgrade() -> None:
    with op.batch_alter_table('service_plan', schema=None) as batch_op:
        batch_op.add_column(sa.Column('exdates', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), server_default='[]', nullable=False))
        batch_op.drop_constraint(batch_op.f('ck_service_plan_on_holidays_known'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_service_plan_only_paused_resumes'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_service_plan_follows_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_service_plan_follows_id'), type_='unique')
        batch_op.drop_column('follows_id')
        batch_op.drop_column('paused_until')
        batch_op.drop_column('on_holidays')

    with op.batch_alter_table('plan_occurrence', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_plan_occurrence_ordered_has_order'), type_='check')
        batch_op.drop_index('ix_plan_occurrence_starts_at')

    with op.batch_alter_table('plan_event', schema=None) as batch_op:
        batch_op.drop_index('ix_plan_event_plan')

    op.drop_table('plan_event')
