"""A line of a price, of a quote (plain dict) or of an order (row)."""

from marshmallow import Schema, fields

from app.api.fields import Localised


class LineResponse(Schema):
    kind = fields.String(required=True)
    label = Localised(required=True)
    quantity = fields.Integer(required=True)
    unit_fen = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
