"""Reports and documents. Every report is one module with one Report subclass, imported here."""

from app.reports import settlement_lines  # noqa: F401
from app.reports.base import REPORTS, Report, ReportError, report_named

__all__ = ["REPORTS", "Report", "ReportError", "report_named"]
