"""Pictures of workers, charges of additions that are dropped

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

BEFORE = "status IN ('proposed', 'approved', 'refused', 'expired')"
NOW = "status IN ('proposed', 'approved', 'refused', 'expired', 'waived')"


def upgrade() -> None:
    with op.batch_alter_table('worker', schema=None) as batch_op:
        batch_op.add_column(sa.Column('photo_key', sa.String(length=128), nullable=True))
    _known(NOW)


def downgrade() -> None:
    # What was dropped is not charged: refused comes nearest.
    op.execute("UPDATE add_on SET status = 'refused' WHERE status = 'waived'")
    _known(BEFORE)
    with op.batch_alter_table('worker', schema=None) as batch_op:
        batch_op.drop_column('photo_key')


def _known(condition: str) -> None:
    with op.batch_alter_table('add_on', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_add_on_status_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_add_on_status_known'), condition)
