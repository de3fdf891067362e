"""Words for where customers come from, their tags, coupons and campaigns."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels, with_colours

SOURCE_KIND: Labels = {
    "own": _l("Own client"),
    "phone": _l("Telephone"),
    "shop": _l("Shop"),
    "platform": _l("Other platform"),
    "advert": _l("Advertisement"),
    "referral": _l("Recommended by customers"),
}
TAG_COLOUR: Labels = {
    "good": _l("Green"),
    "info": _l("Blue"),
    "warn": _l("Yellow"),
    "bad": _l("Red"),
    "off": _l("Grey"),
}
COUPON_KIND: Labels = {"amount": _l("An amount"), "percent": _l("Per cent of the price")}
COUPON_STATUS, COUPON_KINDS = with_colours(
    {
        "given": (_l("Can be used"), "good"),
        "used": (_l("Used"), "info"),
        "expired": (_l("Expired"), "off"),
        "withdrawn": (_l("Withdrawn"), "bad"),
    }
)
CAMPAIGN_STATUS, CAMPAIGN_KINDS = with_colours(
    {
        "draft": (_l("Draft"), "off"),
        "running": (_l("Running"), "good"),
        "paused": (_l("Paused"), "warn"),
        "ended": (_l("Ended"), "off"),
    }
)
