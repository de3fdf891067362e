"""Who issues a document."""

import sqlalchemy as sa

from app.domain.parameters import BY_KEY
from app.extensions import db
from app.models import Parameter
from app.reports.text import clean


def company_name() -> str:
    return _text("company.name")


def tax_number() -> str:
    """The company's tax number, or nothing when none was entered."""
    return _text("company.tax_number")


def _text(key: str) -> str:
    changed = db.session.scalar(sa.select(Parameter.value).where(Parameter.key == key))
    return clean(str(BY_KEY[key].default if changed is None else changed))
