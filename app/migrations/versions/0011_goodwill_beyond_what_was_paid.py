"""Goodwill beyond what was paid; compensations that a lower price folds

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.add_column(sa.Column('folded_fen', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.alter_column('attempt_id', existing_type=KEY, nullable=True)
        batch_op.drop_constraint(batch_op.f('ck_refund_kind_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_refund_kind_known'), "kind IN ('surplus', 'refund', 'compensation', 'goodwill')")
        batch_op.create_check_constraint(batch_op.f('ck_refund_of_a_payment'), "(kind = 'goodwill' AND attempt_id IS NULL) OR (kind <> 'goodwill' AND attempt_id IS NOT NULL)")
        batch_op.create_check_constraint(batch_op.f('ck_refund_folded_within_amount'), "folded_fen = 0 OR (kind = 'compensation' AND folded_fen BETWEEN 0 AND amount_fen)")


def downgrade() -> None:
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_refund_folded_within_amount'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_refund_of_a_payment'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_refund_kind_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_refund_kind_known'), "kind IN ('surplus', 'refund', 'compensation')")
        batch_op.alter_column('attempt_id', existing_type=KEY, nullable=False)
        batch_op.drop_column('folded_fen')
