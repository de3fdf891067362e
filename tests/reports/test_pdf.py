"""Printed documents: every page numbered, the font inside, no character lost, no phone shown."""

import hashlib
import re
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.errors import NotFound, RuleViolation
from app.domain.money import yuan
from app.extensions import db
from app.models import PaymentAttempt, Statement
from app.reports import pdf_fonts
from app.reports.base import ReportError
from app.reports.pdf import A4_PORTRAIT, Document
from app.reports.receipt_pdf import write_receipt_pdf
from app.reports.statement_pdf import write_statement_pdf
from app.reports.verification import signature, verification_url, verified
from tests.reports.reading import first, needs_poppler, shell, text_of

pytestmark = pytest.mark.backends("sqlite")
VENDORED = re.compile(r"^\| (\S+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


@pytest.fixture
def statement(run_id):
    return first(Statement)


@pytest.fixture
def payment(run_id):
    return first(PaymentAttempt)


@needs_poppler
def test_a_statement_says_what_the_worker_earned(statement, tmp_path):
    path = tmp_path / "statement.pdf"

    write_statement_pdf(statement.id, path, locale="en")

    text = text_of(path, "-layout")
    for part in (statement.number, yuan(statement.payable_fen), "吴小芳", "Ann Zhou", "人民币"):
        assert part in text, part
    assert statement.worker.account.phone not in text
    assert f"*******{statement.worker.account.phone_tail}" in text


@needs_poppler
def test_all_fonts_are_embedded(statement, payment, tmp_path):
    write_statement_pdf(statement.id, tmp_path / "s.pdf")
    write_receipt_pdf(payment.id, tmp_path / "r.pdf")

    for name in ("s.pdf", "r.pdf"):
        fonts = shell("pdffonts", str(tmp_path / name)).splitlines()[2:]
        assert len(fonts) == 2
        for font in fonts:
            assert "NotoSansSC" in font
            assert " yes yes yes " in font


@needs_poppler
def test_a_receipt_masks_the_payer(payment, tmp_path):
    path = tmp_path / "receipt.pdf"

    write_receipt_pdf(payment.id, path, locale="en")

    text = text_of(path, "-layout")
    assert "林**" in text
    assert "林晓梅" not in text
    assert "12810000000" not in text
    assert "人民北路" not in text
    assert yuan(payment.amount_fen) in text
    assert "2030-04-15 00:30" in text


def test_a_document_can_be_written_into_memory(payment):
    target = BytesIO()

    write_receipt_pdf(payment.id, target)

    assert target.getvalue().startswith(b"%PDF-")
    assert len(target.getvalue()) < 100_000


def test_money_that_did_not_arrive_has_no_receipt(payment):
    db.session.execute(sa.update(PaymentAttempt).values(status="closed", paid_at=None))
    db.session.expire_all()
    target = BytesIO()

    with pytest.raises(RuleViolation):
        write_receipt_pdf(payment.id, target)

    assert target.getvalue() == b""


def test_a_statement_whose_lines_do_not_add_up_is_not_printed(statement):
    db.session.execute(
        sa.update(Statement).values(
            base_fen=Statement.base_fen + 1, payable_fen=Statement.payable_fen + 1
        )
    )
    db.session.expire_all()

    with pytest.raises(ReportError):
        write_statement_pdf(statement.id, BytesIO())


@pytest.mark.parametrize("write", [write_statement_pdf, write_receipt_pdf])
def test_what_does_not_exist_is_not_found(app, write):
    with pytest.raises(NotFound):
        write(404, BytesIO())


@needs_poppler
def test_a_long_word_and_markup_stay_inside_their_cell(app, tmp_path):
    document = Document("T", "N1", kind="receipt", company="<b>&", paper=A4_PORTRAIT)
    document.facts([("a", "x" * 300), ("b", "<font color=red>&amp;</font>")])
    document.build(tmp_path / "x.pdf")

    text = text_of(tmp_path / "x.pdf")
    assert text.count("x") >= 300
    assert "<font color=red>" in text.replace("\n", "")
    assert "<b>&" in text


def test_a_character_that_the_font_lacks_leaves_a_sign():
    assert pdf_fonts.drawable("𠮷野家😀\x07") == "〓野家〓"
    assert pdf_fonts.drawable("龘㐀“”…—·×¥") == "龘㐀“”…—·×¥"
    assert pdf_fonts.markup("a<b\n&") == "a&lt;b<br/>&amp;"


def test_the_vendored_fonts_are_the_noted_ones():
    noted = dict(VENDORED.findall((pdf_fonts.FOLDER / "VENDOR.md").read_text()))

    assert set(noted) == {"OFL.txt", *pdf_fonts.FILES.values()}
    for name, checksum in noted.items():
        content = Path(pdf_fonts.FOLDER / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum


def test_the_code_proves_kind_and_number(app):
    mark = signature("statement", "S1")

    assert re.fullmatch("[A-Z2-7]{16}", mark)
    assert verified("statement", "S1", mark)
    assert verified("statement", "S1", f" {mark.lower()} ")
    assert not verified("statement", "S2", mark)
    assert not verified("receipt", "S1", mark)
    assert not verified("passport", "S1", mark)
    assert not verified("statement", "S1", "")
    assert not verified("statement", "S1", "签名")


def test_the_code_holds_the_address_of_the_check(app):
    url = verification_url("receipt", "P/1")

    assert url == f"{app.config['PUBLIC_URL']}/verify/receipt/P%2F1?s={signature('receipt', 'P/1')}"


def test_a_document_of_an_unknown_kind_cannot_be_signed(app):
    with pytest.raises(ValueError, match="passport"):
        signature("passport", "1")
