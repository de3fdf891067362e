"""The price of another time

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('move_request', schema=None) as batch_op:
        whole = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
        batch_op.add_column(sa.Column('quote_id', whole, nullable=True))
        batch_op.add_column(
            sa.Column('difference_fen', sa.BigInteger(), server_default='0', nullable=False)
        )
        batch_op.create_index(batch_op.f('ix_move_request_quote_id'), ['quote_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_move_request_quote_id'), 'quote', ['quote_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('move_request', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_move_request_quote_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_move_request_quote_id'))
        batch_op.drop_column('difference_fen')
        batch_op.drop_column('quote_id')
