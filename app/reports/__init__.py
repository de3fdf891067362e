"""Reports and documents. Every report is one module with one Report subclass, imported here.

Views import the modules that write workbooks and PDFs when one is asked for: their libraries
(openpyxl, reportlab) take a third of a second that a start need not wait.
"""

from app.reports import settlement_lines  # noqa: F401
from app.reports.base import REPORTS, Report, ReportError, report_named

__all__ = ["REPORTS", "Report", "ReportError", "report_named"]
