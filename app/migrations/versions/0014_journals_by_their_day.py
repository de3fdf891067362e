"""Journals are listed by their day: so are those of one kind

Revision: 0014, after 0013
"""

from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_kind')
        batch_op.create_index('ix_journal_kind', ['kind', 'posted_on', 'id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_kind')
        batch_op.create_index('ix_journal_kind', ['kind', 'posted_at', 'id'], unique=False)
