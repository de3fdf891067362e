"""What may happen between the acceptance of an order and its end

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fault', sa.String(length=16), server_default='', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_assignment_fault_known'), "fault IN ('', 'worker', 'customer', 'company')")

    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('urgent', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('customer_chooses', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('disputed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_customer_order_parent_id'), ['parent_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_customer_order_parent_id'), 'customer_order', ['parent_id'], ['id'])

    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.add_column(sa.Column('details', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), server_default=sa.text("'{}'"), nullable=False))

    # No verb could propose a move before: an open one has claimed no time.
    op.execute(sa.text(
        "UPDATE move_request SET status = 'withdrawn' "
        "WHERE status IN ('proposed', 'ops_review', 'await_other_side')"
    ))


def downgrade() -> None:
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.drop_column('details')

    with op.batch_alter_table('customer_order', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_customer_order_parent_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_customer_order_parent_id'))
        batch_op.drop_column('disputed_at')
        batch_op.drop_column('customer_chooses')
        batch_op.drop_column('urgent')
        batch_op.drop_column('parent_id')

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_assignment_fault_known'), type_='check')
        batch_op.drop_column('fault')
