"""What is on its way back

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

ON_ITS_WAY = """
UPDATE customer_order SET returning_fen = (
  SELECT sum(amount_fen) FROM refund
  WHERE refund.order_id = customer_order.id AND attempt_id IS NOT NULL
  AND refund.status NOT IN ('requested', 'rejected', 'succeeded')
)
WHERE EXISTS (
  SELECT 1 FROM refund
  WHERE refund.order_id = customer_order.id AND attempt_id IS NOT NULL
  AND refund.status NOT IN ('requested', 'rejected', 'succeeded')
)
"""


def upgrade() -> None:
    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.add_column(sa.Column('returning_fen', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_customer_order_returning_not_negative'), 'returning_fen >= 0')
    op.execute(ON_ITS_WAY)


def downgrade() -> None:
    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_customer_order_returning_not_negative'), type_='check')
        batch_op.drop_column('returning_fen')
