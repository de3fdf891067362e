"""Stamps of calendars

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('roster_stamp',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('worker_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('stamp', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_stamp')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('roster_stamp', schema=None) as batch_op:
        batch_op.create_index('ix_roster_stamp_worker', ['worker_id'], unique=False)

    if op.get_bind().dialect.name == 'postgresql':
        # Whoever has a calendar has a stamp; from now on the triggers of app/models/guards.py write it.
        op.execute(
            "INSERT INTO roster_stamp (worker_id, stamp) "
            "SELECT worker_id, hashtextextended(gen_random_uuid()::text, 0) "
            "FROM (SELECT worker_id FROM worker_busy UNION SELECT worker_id FROM shift) AS workers"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        for table in ('worker_busy', 'shift'):
            for event in ('insert', 'delete', 'update_from', 'update_to'):
                op.execute(f"DROP TRIGGER IF EXISTS roster_stamped_{table}_{event} ON {table}")
        op.execute("DROP FUNCTION IF EXISTS roster_stamped()")
    op.drop_table('roster_stamp')
