"""Agencies paid by the bank

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
THREE = "approved_by_id IS NULL OR (approved_by_id <> made_by_id AND (paid_by_id IS NULL OR paid_by_id <> approved_by_id))"
DRAFT = sa.text("status = 'draft'")
# No verb filled a batch before, so those that are there hold nothing.
FILL = """
UPDATE payout_batch SET content = '[]', bank_number = '',
  status = CASE WHEN status = 'paid' THEN 'paid' ELSE 'cancelled' END,
  branch_id = coalesce(
    (SELECT branch_id FROM settlement_run WHERE settlement_run.id = payout_batch.run_id),
    (SELECT min(id) FROM branch)
  )
"""


def upgrade() -> None:
    with op.batch_alter_table('partner', schema=None) as batch_op:
        batch_op.add_column(sa.Column('bank_name', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('account_holder', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('account', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('account_tail', sa.String(length=4), server_default='', nullable=False))
    with op.batch_alter_table('payout_batch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('branch_id', BIG, nullable=True))
        batch_op.add_column(sa.Column('content', JSON, nullable=True))
        batch_op.add_column(sa.Column('approved_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('bank_number', sa.String(length=64), nullable=True))
    op.execute(FILL)
    with op.batch_alter_table('payout_batch', schema=None) as batch_op:
        for name, kind in (('branch_id', BIG), ('content', JSON), ('bank_number', sa.String(length=64))):
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.drop_index(batch_op.f('ix_payout_batch_run_id'))
        batch_op.drop_constraint(batch_op.f('fk_payout_batch_run_id'), type_='foreignkey')
        batch_op.drop_column('run_id')
        batch_op.drop_column('storage_key')
        batch_op.create_index(batch_op.f('ix_payout_batch_branch_id'), ['branch_id'], unique=False)
        batch_op.create_index('uq_payout_batch_draft', ['branch_id'], unique=True, sqlite_where=DRAFT, postgresql_where=DRAFT)
        batch_op.create_foreign_key(batch_op.f('fk_payout_batch_branch_id'), 'branch', ['branch_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_payout_batch_approved_by_id'), 'ab_user', ['approved_by_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_payout_batch_three_people'), THREE)


def downgrade() -> None:
    """Whom a batch was for is forgotten."""
    with op.batch_alter_table('payout_batch', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_payout_batch_three_people'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_payout_batch_approved_by_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_payout_batch_branch_id'), type_='foreignkey')
        batch_op.drop_index('uq_payout_batch_draft', sqlite_where=DRAFT, postgresql_where=DRAFT)
        batch_op.drop_index(batch_op.f('ix_payout_batch_branch_id'))
        for name in ('bank_number', 'approved_by_id', 'content', 'branch_id'):
            batch_op.drop_column(name)
        batch_op.add_column(sa.Column('storage_key', sa.String(length=128), server_default='', nullable=False))
        batch_op.add_column(sa.Column('run_id', BIG, nullable=True))
        batch_op.create_index(batch_op.f('ix_payout_batch_run_id'), ['run_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_payout_batch_run_id'), 'settlement_run', ['run_id'], ['id'])
    with op.batch_alter_table('payout_batch', schema=None) as batch_op:
        batch_op.alter_column('storage_key', existing_type=sa.String(length=128), server_default=None)
    with op.batch_alter_table('partner', schema=None) as batch_op:
        for name in ('account_tail', 'account', 'account_holder', 'bank_name'):
            batch_op.drop_column(name)
