"""the books

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ledger_proof',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('whole', sa.Boolean(), nullable=False),
    sa.Column('results', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['ab_user.id'], name=op.f('fk_ledger_proof_asked_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_proof')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('ledger_proof', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_proof_finished_at', ['finished_at', 'id'], unique=False)

    op.create_table('manual_journal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('lines', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('reverses_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('journal_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('storage_key', sa.String(length=128), nullable=False),
    sa.Column('mime', sa.String(length=64), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(status = 'posted') = (journal_id IS NOT NULL)", name=op.f('ck_manual_journal_posted_has_one')),
    sa.CheckConstraint("status IN ('asked', 'posted', 'refused')", name=op.f('ck_manual_journal_status_known')),
    sa.CheckConstraint('approved_by_id IS NULL OR approved_by_id <> asked_by_id', name=op.f('ck_manual_journal_two_people')),
    sa.CheckConstraint('total_fen > 0', name=op.f('ck_manual_journal_total_positive')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['ab_user.id'], name=op.f('fk_manual_journal_approved_by_id')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['ab_user.id'], name=op.f('fk_manual_journal_asked_by_id')),
    sa.ForeignKeyConstraint(['journal_id'], ['journal.id'], name=op.f('fk_manual_journal_journal_id')),
    sa.ForeignKeyConstraint(['reverses_id'], ['journal.id'], name=op.f('fk_manual_journal_reverses_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_manual_journal')),
    sa.UniqueConstraint('journal_id', name=op.f('uq_manual_journal_journal_id')),
    sa.UniqueConstraint('number', name=op.f('uq_manual_journal_number')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('manual_journal', schema=None) as batch_op:
        batch_op.create_index('ix_manual_journal_created_at', ['created_at', 'id'], unique=False)
        batch_op.create_index('ix_manual_journal_status', ['status', 'created_at'], unique=False)
        batch_op.create_index('uq_manual_journal_reverses', ['reverses_id'], unique=True, sqlite_where=sa.text("status <> 'refused'"), postgresql_where=sa.text("status <> 'refused'"))

    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.create_index('ix_journal_kind', ['kind', 'posted_at', 'id'], unique=False)

    with op.batch_alter_table('period_seal', schema=None) as batch_op:
        batch_op.add_column(sa.Column('approved_by_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_period_seal_approved_by_id'), 'ab_user', ['approved_by_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_period_seal_two_people'), 'approved_by_id IS NULL OR approved_by_id <> sealed_by_id')



def downgrade() -> None:
    with op.batch_alter_table('period_seal', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_period_seal_two_people'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_period_seal_approved_by_id'), type_='foreignkey')
        batch_op.drop_column('approved_by_id')

    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_kind')

    with op.batch_alter_table('manual_journal', schema=None) as batch_op:
        batch_op.drop_index('uq_manual_journal_reverses', sqlite_where=sa.text("status <> 'refused'"), postgresql_where=sa.text("status <> 'refused'"))
        batch_op.drop_index('ix_manual_journal_status')
        batch_op.drop_index('ix_manual_journal_created_at')

    op.drop_table('manual_journal')
    with op.batch_alter_table('ledger_proof', schema=None) as batch_op:
        batch_op.drop_index('ix_ledger_proof_finished_at')

    op.drop_table('ledger_proof')
