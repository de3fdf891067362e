"""Where a worker's way to the first visit begins: a district's middle, or a place."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query
from wtforms import DecimalField
from wtforms.validators import NumberRange, Optional

from app.domain.errors import InvalidInput
from app.domain.geo import Point
from app.models import Branch, Region
from app.views.base import Lookup
from app.views.fields import RowSelectField
from app.views.widgets import TextWidget


def _of_branches(query: Query[Any]) -> Query[Any]:
    """The districts of the cities that have a branch."""
    return query.filter(Region.parent_code.in_(sa.select(Branch.city_code)))


DISTRICTS = Lookup(search=("name",), small=True, order="code", scope=_of_branches, model=Region)


def degrees(label: Any, most: int, example: Any) -> DecimalField:
    return DecimalField(
        label, places=6, validators=[Optional(), NumberRange(-most, most)], description=example,
        widget=TextWidget("number", step="any"),
    )  # fmt: skip


FIELDS: dict[str, Any] = {
    "district": RowSelectField(
        _l("Lives in"), lookup=DISTRICTS, validators=[Optional()],
        description=_l("The way to the first visit begins in its middle, or at the place below"),
    ),
    "home_lat": degrees(_l("Home: latitude (GCJ-02)"), 90, _l("In degrees: 23.1291")),
    "home_lng": degrees(_l("Home: longitude (GCJ-02)"), 180, _l("In degrees: 113.2644")),
}  # fmt: skip


def place_of(district: Region | None, lat: Decimal | None, lng: Decimal | None) -> Point:
    """Where a worker's way begins. Raises InvalidInput for half a place, or none."""
    if lat is not None and lng is not None:
        return Point(float(lat), float(lng))
    if district is None or lat is not None or lng is not None:
        raise InvalidInput(_l("Choose a district, or enter both degrees"), field="district")
    return Point(district.lat, district.lng)
