"""Where it is sold: branches, areas, administrative regions."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import Regexp

from app.models import Area, Branch, Region
from app.views.base import Lookup, ModelInterface
from app.views.catalog import CODE
from app.views.scoped import BRANCHES, NAMES, RecordView, ReferenceView

CITY_CODE = [Regexp(r"^[0-9]{6}$", message=_l("The six digits of the official code"))]


class AreaView(ReferenceView):
    datamodel = ModelInterface(Area)
    noun, noun_plural = _l("Service area"), _l("Service areas")
    list_columns = ["name", "branch", "regions", "travel_fee_fen", "active"]
    show_columns = ["name", "name_en", "branch", "code", "regions", "travel_fee_fen", "active"]
    search_columns = ["name", "branch", "active"]
    add_columns = edit_columns = show_columns
    label_columns = {**NAMES, "regions": _l("Districts"), "travel_fee_fen": _l("Travel fee")}
    description_columns = {"regions": _l("A district belongs to one area only")}
    lookups = {
        "branch": BRANCHES,
        "regions": Lookup(search=("name", "code", "name_en"), order="code"),
    }
    validators_columns = {"code": CODE}
    base_order = ("code", "asc")
    empty_next = _l("Without an area nobody can book. Add the first one.")


class RegionView(RecordView):
    datamodel = ModelInterface(Region)
    noun, noun_plural = _l("District"), _l("Districts")
    list_columns = ["code", "name", "name_en", "parent_code"]
    show_columns = ["code", "name", "name_en", "parent_code", "lat", "lng"]
    search_columns = ["code", "name", "name_en", "parent_code"]
    label_columns = {
        **NAMES,
        "parent_code": _l("Part of"),
        "lat": _l("Latitude (GCJ-02)"),
        "lng": _l("Longitude (GCJ-02)"),
    }
    base_order = ("code", "asc")


class BranchView(ReferenceView):
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]
    datamodel = ModelInterface(Branch)
    noun, noun_plural = _l("Branch"), _l("Branches")
    list_columns = ["name", "code", "city_code"]
    show_columns = add_columns = edit_columns = ["name", "code", "city_code"]
    search_columns = ["name", "code"]
    label_columns = {"city_code": _l("City code")}
    validators_columns = {"code": CODE, "city_code": CITY_CODE}
    base_order = ("code", "asc")
