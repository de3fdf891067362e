"""offline payments

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('payment_voucher',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mime', sa.String(length=64), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('storage_key', sa.String(length=128), nullable=False),
    sa.Column('thumbnail_key', sa.String(length=128), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('size_bytes > 0', name=op.f('ck_payment_voucher_not_empty')),
    sa.ForeignKeyConstraint(['attempt_id'], ['payment_attempt.id'], name=op.f('fk_payment_voucher_attempt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_voucher')),
    sa.UniqueConstraint('attempt_id', 'sha256', name=op.f('uq_payment_voucher_once')),
    sa.UniqueConstraint('key', name=op.f('uq_payment_voucher_key')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.add_column(sa.Column('worker_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('handed_in_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('handed_in_by_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_payment_attempt_worker_id'), ['worker_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_payment_attempt_handed_in_by_id'), 'ab_user', ['handed_in_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_payment_attempt_worker_id'), 'worker', ['worker_id'], ['id'])
        batch_op.create_check_constraint(
            batch_op.f('ck_payment_attempt_handed_in_by_somebody'),
            'handed_in_at IS NULL OR (handed_in_by_id IS NOT NULL AND worker_id IS NOT NULL)',
        )



def downgrade() -> None:
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_payment_attempt_handed_in_by_somebody'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_payment_attempt_worker_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_payment_attempt_handed_in_by_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_payment_attempt_worker_id'))
        batch_op.drop_column('handed_in_by_id')
        batch_op.drop_column('handed_in_at')
        batch_op.drop_column('worker_id')

    op.drop_table('payment_voucher')
