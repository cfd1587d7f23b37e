"""Notices to customers for tests."""

from __future__ import annotations

import datetime as dt

from api.customer_notices.models import CustomerNotice
from schemas.customer_notices import CustomerNoticeKind, CustomerNoticeState
from tests.makers import tasks as work


def notice(
    notice_id: str,
    district_id: str,
    *,
    task_id: str,
    state: CustomerNoticeState = CustomerNoticeState.BY_TELEPHONE,
) -> CustomerNotice:
    """Write a notice about an order, whose customer no message reaches."""
    return CustomerNotice(
        district_id=district_id,
        id=notice_id,
        kind=str(CustomerNoticeKind.RESTORED),
        cause=notice_id,
        who="0898 6888 0000",
        customer="",
        contact="0898 6888 0000",
        number="",
        subject_id=task_id,
        task_id=task_id,
        promise_id=None,
        clock_id=None,
        words="您报修的故障已恢复供电。",
        parts=1,
        urgent=True,
        state=str(state),
        why="no_number",
        remark="",
        made_at=work.NOW,
        next_at=None,
        use_until=work.NOW + dt.timedelta(hours=12),
        notice_id=None,
        round=0,
        receiver="",
        handed_at=None,
        out_until=None,
        told_at=None,
        told_by="",
        channel=None,
    )
