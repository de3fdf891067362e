"""Coupons are the company's cost; compensations set against what is owed

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

# Orders that have not ended: of their visits that are not charged yet the coupon bears its part.
BORNE = """
UPDATE customer_order SET subsidy_fen = (
  SELECT -sum(amount_fen) FROM order_line
  WHERE order_line.order_id = customer_order.id AND kind = 'coupon'
) * (
  SELECT count(*) FROM visit
  WHERE visit.order_id = customer_order.id AND charged_fen IS NULL
) / visit_count
WHERE status NOT IN ('completed', 'cancelled', 'no_show')
AND EXISTS (
  SELECT 1 FROM order_line
  WHERE order_line.order_id = customer_order.id AND kind = 'coupon'
)
"""


def upgrade() -> None:
    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.add_column(sa.Column('subsidy_fen', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_customer_order_subsidy_not_negative'), 'subsidy_fen >= 0')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('charged_subsidy_fen', sa.BigInteger(), nullable=True))
    op.execute(BORNE)


def downgrade() -> None:
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_column('charged_subsidy_fen')
    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_customer_order_subsidy_not_negative'), type_='check')
        batch_op.drop_column('subsidy_fen')
