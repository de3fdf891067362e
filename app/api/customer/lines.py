"""A line of a price, of a quote (plain dict) or of an order (row)."""

from marshmallow import Schema, fields

from app.api.fields import Localised, Word
from app.api.words import LINE_KIND


class LineResponse(Schema):
    kind = fields.String(required=True)
    kind_text = Word(LINE_KIND, required=True, attribute="kind")
    label = Localised(required=True)
    quantity = fields.Integer(required=True)
    unit_fen = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
