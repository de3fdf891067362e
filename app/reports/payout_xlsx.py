"""A payout batch as the file that the bank's page takes: one line an agency, with its account."""

from pathlib import Path

from flask_babel import force_locale
from flask_babel import gettext as _

from app.models import Partner, PayoutBatch
from app.reports.base import Column
from app.reports.company import company_name
from app.reports.list_xlsx import write_list
from app.reports.text import clean


def write_payout_xlsx(
    batch: PayoutBatch, partners: list[Partner], target: Path, *, locale: str
) -> int:
    """Write the file; returns the number of lines."""
    with force_locale(locale):
        columns = (
            Column("code", _("Partner code"), "id", 14),
            Column("partner", _("Partner"), "text", 30),
            Column("bank", _("Bank"), "text", 30),
            Column("holder", _("Account holder"), "text", 30),
            Column("account", _("Account"), "id", 32),
            Column("amount_fen", _("Amount"), "money_fen", 16),
            Column("purpose", _("Purpose"), "text", 30),
        )
        return write_list(
            target, columns, _rows(batch, partners), title=clean(batch.number),
            subtitle=_("Payout batch"), company=company_name(),
        )  # fmt: skip


def _rows(batch: PayoutBatch, partners: list[Partner]) -> list[tuple[object, ...]]:
    owed = {line["partner_id"]: line["amount_fen"] for line in batch.content}
    return [
        (
            clean(one.code), clean(one.name), clean(one.bank_name), clean(one.account_holder or ""),
            clean(one.account or ""), owed[one.id], clean(batch.number),
        )
        for one in partners
    ]  # fmt: skip
