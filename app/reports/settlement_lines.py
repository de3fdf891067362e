"""The lines of a settlement run as a plain table: the workbook's 订单明细 without the workbook."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from app.domain.actors import Actor
from app.models import SettlementRun
from app.reports.base import Report, Row
from app.reports.settlement.lines import run_lines
from app.reports.settlement.orders_sheet import COLUMNS
from app.services import access


class SettlementLinesParams(Schema):
    run_id = fields.Integer(required=True, validate=validate.Range(min=1))


class SettlementLines(Report):
    name = "settlement-lines"
    title = _l("Settlement lines")
    params = SettlementLinesParams
    columns = COLUMNS

    def rows(self, *, actor: Actor, **params: Any) -> Iterator[Row]:
        """Raises NotFound when the run is not in the actor's scope."""
        run = access.row_for(actor, SettlementRun, params["run_id"])
        return (
            tuple(getattr(line, column.key) for column in COLUMNS) for line in run_lines(run.id)
        )
