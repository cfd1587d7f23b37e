"""Findings: what a phone was shown and the books do not have so, and how the office explains it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.custody import store
from api.custody.models import CustodyFinding
from api.errors import NotFound
from schemas import custody
from schemas.errors import Refused, Words

_GONE: Final = Words(
    en="Device {device} was shown checkpoint {number}, and there is none here. {why}",
    zh="设备 {device} 曾收到存证点 {number}，而本服务器没有该存证点。{why}",
)
_OTHER: Final = Words(
    en="Device {device} was shown another checkpoint {number} than the one here. {why}",
    zh="设备 {device} 曾收到的存证点 {number} 与本服务器上的不一致。{why}",
)
_RESTORED: Final = Words(
    en=(
        "A new lineage began after checkpoint {after}: a backup that was put back explains this; "
        "if none was, the log was cut or written anew."
    ),
    zh=(
        "存证点 {after} 之后数据库更换过世系：恢复备份可以解释；"
        "若未恢复过备份，则存证日志被截断或重写。"
    ),
)
_SAME_LINEAGE: Final = Words(
    en=(
        "No new lineage stands among the checkpoints here: unless a backup was put back without "
        "`lamplighter new-lineage`, the log was cut or written anew."
    ),
    zh=(
        "现有存证点中没有更换过世系：除非恢复备份后未执行 `lamplighter new-lineage`，"
        "否则存证日志被截断或重写。"
    ),
)


class FindingExplained(Refused):
    """The finding has its explanation, which stays. Read it, and add what is new to the audit."""

    code = "finding-explained"
    status = 409
    en = "Finding {id} has been explained already."
    zh = "存证疑点 {id} 已有说明。"


def list_findings(
    session: Session,
    *,
    act: Act,
    is_open: bool,
    before: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[custody.Finding]:
    """List a page of the district's findings, the newest first: open ones, or explained ones."""
    rows = store.list_findings(
        session, district_id=act.district_id, is_open=is_open, before=before, limit=limit
    )
    return [_view(row) for row in rows]


def explain(
    session: Session, *, act: Act, finding_id: str, body: custody.Explained
) -> custody.Finding:
    """Write down how a finding came about; it is open no longer.

    Raises:
        NotFound: the district has no such finding.
        FindingExplained: it has its explanation.
    """
    row = store.lock_finding(session, district_id=act.district_id, finding_id=finding_id)
    if row is None:
        raise NotFound(what="finding", id=finding_id)
    if row.explained_at is not None:
        raise FindingExplained(id=finding_id)
    row.explained_at, row.explained_by = act.received_at, act.principal.person_id
    row.note = body.note
    crews.audit(session, act=act, what="custody.explained", subject_id=row.id)
    return _view(row)


def _view(row: CustodyFinding) -> custody.Finding:
    return custody.Finding(
        id=row.id,
        device_id=row.device_id,
        number=row.number,
        said_sha256=row.said_sha256,
        our_sha256=row.our_sha256,
        restored_after=row.restored_after,
        detail=_words(row),
        found_at=row.found_at,
        explained_at=row.explained_at,
        explained_by=row.explained_by,
        note=row.note,
    )


def _words(row: CustodyFinding) -> Words:
    """Say what was found, and which explanations there are."""
    said = _GONE if row.our_sha256 is None else _OTHER
    is_restored = row.restored_after is not None and row.restored_after < row.number
    why = _RESTORED if is_restored else _SAME_LINEAGE
    told = {"device": row.device_id, "number": row.number, "after": row.restored_after}
    return Words(
        en=said.en.format(why=why.en.format_map(told), **told),
        zh=said.zh.format(why=why.zh.format_map(told), **told),
    )
