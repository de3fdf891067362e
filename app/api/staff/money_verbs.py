"""What staff ask for and decide about money, as requests and answers."""

from marshmallow import Schema, fields

from app.api.fields import Choice, Text, Whole
from app.api.schemas import Request
from app.models.payments import CHANNELS
from app.services.money import adjustments
from app.services.money.refunds.asking import LONGEST_REASON

LONGEST_NOTE = 300
LONGEST_PROOF = 64


class GiveBackRequest(Request):
    amount_fen = Whole(1, required=True)
    reason = Text(LONGEST_REASON, low=2, required=True)


class CompensationRequest(Request):
    amount_fen = Whole(1, required=True)


class CompensateRequest(GiveBackRequest):
    """With the `hash` that `compensation` showed, exactly that happens."""

    hash = Text(64, load_default="", pattern="[0-9a-f]{64}|")


class CompensationPreviewResponse(Schema):
    """Amounts in fen: what the order owes, what is set off against it, what its payments give
    back, what is paid by hand.
    """

    amount_fen = fields.Integer(required=True)
    owed_fen = fields.Integer(required=True)
    set_off_fen = fields.Integer(required=True)
    owed_after_fen = fields.Integer(required=True)
    through_fen = fields.Integer(required=True)
    by_hand_fen = fields.Integer(required=True)
    hash = fields.String(required=True)


class AskedRefundResponse(Schema):
    """One of each payment that the money comes from; `requested` waits for somebody else."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    request_number = fields.String(required=True)
    kind = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    status = fields.String(required=True)


class AskedRefundsResponse(Schema):
    refunds = fields.List(fields.Nested(AskedRefundResponse), required=True)


class OtherWayRequest(Request):
    """How it is paid instead, and why."""

    way = Choice(CHANNELS, required=True)
    reason = Text(LONGEST_REASON, low=2, required=True)


class ProofRequest(Request):
    """What proves that it was paid: the bank's number, say."""

    reference = Text(LONGEST_PROOF, low=2, required=True)


class BankNumberRequest(Request):
    """What the bank's statement calls the payment."""

    bank_number = Text(LONGEST_PROOF, low=2, required=True)


class ReturnRequest(BankNumberRequest):
    """And why it came back."""

    reason = Text(LONGEST_REASON, low=2, required=True)


class AdjustRequest(Request):
    """A penalty takes: its amount is negative."""

    kind = Choice(adjustments.KINDS, required=True)
    amount_fen = Whole(-adjustments.LARGEST_FEN, adjustments.LARGEST_FEN, required=True)
    reason = Text(LONGEST_REASON, low=2, required=True)


class AdjustWorkerRequest(AdjustRequest):
    order_id = Whole(1, load_default=None)


class AskedAdjustmentResponse(Schema):
    id = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    status = fields.String(required=True)


class AccountRequest(Request):
    """Where an agency is paid, and why that changes."""

    bank = Text(64, low=2, required=True)
    holder = Text(64, low=1, required=True)
    account = Text(40, low=8, required=True)
    reason = Text(LONGEST_REASON, low=2, required=True)


class BatchResponse(Schema):
    """The batch that the partner is in now."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    total_fen = fields.Integer(required=True)
    status = fields.String(required=True)


class ApproveRequest(Request):
    note = Text(LONGEST_NOTE, load_default="")


class RefuseRequest(Request):
    note = Text(LONGEST_NOTE, low=2, required=True)


class DecidedResponse(Schema):
    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True)
