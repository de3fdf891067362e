"""Journals are listed by their day: so are those of one kind

Revision: 0013, after 0012
"""

from alembic import op

revision = '0013'
down_revision = '0012'
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
