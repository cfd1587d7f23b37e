"""The face of findings at meters: what phones report, and what the office sees and settles."""

from api.meter_findings.service.reporting import changed, found, mismatch
from api.meter_findings.service.settling import (
    FindingSettled,
    ResolutionUnfit,
    get_finding,
    list_findings,
    settle,
)

__all__ = [
    "FindingSettled",
    "ResolutionUnfit",
    "changed",
    "found",
    "get_finding",
    "list_findings",
    "mismatch",
    "settle",
]
