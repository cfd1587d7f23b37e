"""Evidence for tests: files, their declarations, and the headers that tus wants."""

from __future__ import annotations

import base64
import hashlib

from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import service
from schemas import evidence
from tests.makers import tasks

PHOTO = bytes(range(256)) * 1_000
"""256,000 bytes that are all in their place or not."""


def sha256(content: bytes) -> str:
    """Hash a file as it is declared."""
    return hashlib.sha256(content).hexdigest()


def declared(content: bytes = PHOTO, *, stop_id: str | None = None) -> evidence.Declared:
    """Make the body of a declaration."""
    return evidence.Declared(
        sha256=sha256(content),
        size_bytes=len(content),
        media_type="image/jpeg",
        stop_id=stop_id,
    )


def declare(
    session: Session, *, task_id: str, content: bytes = PHOTO, act: Act | None = None
) -> None:
    """Declare a file of a task from its crew's phone."""
    body = declared(content)
    service.declare(session, act=act or tasks.of_crew(), subject_id=task_id, body=body)
    session.flush()


def creation(content: bytes = PHOTO, *, size_bytes: int | None = None) -> dict[str, str]:
    """Give the headers that begin an upload."""
    encoded = base64.b64encode(sha256(content).encode()).decode()
    return {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content) if size_bytes is None else size_bytes),
        "Upload-Metadata": f"sha256 {encoded},filename {base64.b64encode(b'p.jpg').decode()}",
    }


def at(offset_bytes: int) -> dict[str, str]:
    """Give the headers that go on with an upload."""
    return {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset_bytes),
        "Content-Type": "application/offset+octet-stream",
    }
