"""Files that will not come: a supervisor answers for an order that is archived without one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import service
from api.evidence.models import EvidenceFile
from api.tasks import service as tasks
from schemas.errors import Refused


class FileHere(Refused):
    """The file has arrived, so there is nothing to waive. Archive the order."""

    code = "file-here"
    status = 409
    en = "This file has arrived; nothing is to be waived."
    zh = "该文件已到达，无需豁免。"


def waive(session: Session, *, act: Act, file_id: str, reason: str) -> EvidenceFile:
    """Let an order be archived without a declared file; again changes nothing.

    Who, when and why stand on the order's timeline. Should the bytes come after all, they are kept.

    Raises:
        ReasonNotConcrete: the reason says nothing.
        NotFound: there is no such file for this principal.
        FileHere: its bytes have arrived.
    """
    tasks.require_concrete(reason)
    task_id = service.get_file(session, act=act, file_id=file_id).task_id
    task = tasks.get_to_change(session, act=act, task_id=task_id)
    file = service.get_file(session, act=act, file_id=file_id)  # as it is once the order is held
    if file.arrived_at is not None:
        raise FileHere
    if file.waived_at is None:
        file.waived_at, file.waived_by = act.received_at, act.principal.person_id
        file.waived_reason = reason
        detail = {"file_id": file.id, "sha256": file.sha256, "kind": file.kind, "reason": reason}
        tasks.waive_evidence(session, act=act, task=task, detail=detail)
    return file
