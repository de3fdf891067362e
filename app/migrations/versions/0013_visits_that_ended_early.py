"""Let each visit keep what it is charged

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('charged_fen', sa.BigInteger(), nullable=True))
    # Nobody comes to an order that was not paid in time.
    op.execute(
        "UPDATE visit SET status = 'cancelled' WHERE status = 'planned' "
        "AND order_id IN (SELECT id FROM customer_order WHERE status = 'closed')"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE visit SET status = 'planned' WHERE status = 'cancelled' "
        "AND order_id IN (SELECT id FROM customer_order WHERE status = 'closed')"
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_column('charged_fen')
