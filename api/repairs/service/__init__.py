"""The face of repairs: what the doors, the phones and the demo call."""

from api.repairs.service.reporting import ReportedAtOdd, get_report, list_reports, report
from api.repairs.service.restoring import restored

__all__ = ["ReportedAtOdd", "get_report", "list_reports", "report", "restored"]
