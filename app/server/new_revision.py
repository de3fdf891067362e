"""`python -m app.server.new_revision MESSAGE`: a migration from what the models say now.

Compares them with an empty SQLite database that has all earlier revisions. Read the result before
you commit it: Alembic does not see everything.
"""

import sys
import tempfile
from pathlib import Path

from app import create_app
from app.services.system import schema
from config import load_settings


def make(message: str) -> str:
    """Write the next revision; returns its number."""
    from alembic import command

    number = f"{len(schema.known()) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            {"DATA_DIR": folder, "DATABASE_URL": f"sqlite:///{Path(folder) / 'models.db'}"}
        )
        with create_app(settings).app_context():
            if schema.known():
                command.upgrade(schema.config(), "head")
            command.revision(schema.config(), message, autogenerate=True, rev_id=number)
    return number


if __name__ == "__main__":
    make(" ".join(sys.argv[1:]) or "change")
