"""Campaigns: made as drafts, changed only as long as they are."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.states import CampaignStatus, move
from app.extensions import db
from app.models import Campaign, CouponTemplate, Service
from app.services.transactions import locked, retrying, transaction


def check_draft(campaign: Campaign) -> None:
    """Raise RuleViolation for a campaign that has begun: what customers were told stays."""
    if campaign.status != CampaignStatus.DRAFT:
        raise RuleViolation(_l("Only a draft can be changed or deleted"), code="not_a_draft")


@retrying
def end(campaign_id: int, *, actor: Actor) -> Campaign:
    """Stop it for good. Coupons that were given out stay valid."""
    with transaction(actor) as session:
        campaign = locked(session, Campaign, campaign_id)
        move(campaign, CampaignStatus.ENDED)
        return campaign


def services_of(template: CouponTemplate) -> Sequence[Service]:
    """The services that the coupon is limited to, as far as they still exist."""
    query = sa.select(Service).where(Service.code.in_(template.service_codes))
    return db.session.scalars(query.order_by(Service.position, Service.id)).all()
