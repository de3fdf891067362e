"""Which commission rule new orders freeze; there is always one."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.errors import RuleViolation
from app.models import CommissionRule, Installation
from app.services import clock
from app.services.transactions import locked

NO_RULE = "no_commission_rule"
_NEWEST = (
    sa.select(CommissionRule)
    .where(CommissionRule.active, CommissionRule.valid_from <= sa.bindparam("today"))
    .order_by(CommissionRule.valid_from.desc(), CommissionRule.revision.desc())
    .limit(1)
)


def in_force(session: Session) -> CommissionRule:
    """The newest active rule that is valid today. Raises RuleViolation without one."""
    rule = _newest(session)
    if rule is None:
        raise RuleViolation(_l("Orders cannot be taken now. Please call us"), code=NO_RULE)
    return rule


def check_one_stays(session: Session) -> None:
    """Call it after a change of the rules, in its transaction.

    Raises RuleViolation when no rule would be in force. The lock lets one change after the
    other be judged, so that two people do not switch off one rule each.
    """
    session.flush()
    locked(session, Installation, 1)
    if _newest(session) is None:
        raise RuleViolation(
            _l("No rule would be in force today: orders could not be taken"),
            code=NO_RULE,
            field="active",
        )


def _newest(session: Session) -> CommissionRule | None:
    return session.scalar(_NEWEST, {"today": clock.today()})
