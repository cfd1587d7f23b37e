"""A foreign client of tus for tests, request by request."""

from __future__ import annotations

import base64
import hashlib

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api import db
from api.evidence import depot
from api.settings import Settings
from api.tasks.models import Task
from tests.makers import evidence as make
from tests.makers import tasks

Headers = dict[str, str]
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}
NAMELESS = TUS | {"Upload-Length": str(len(make.PHOTO))}
DEFERRED = TUS | {"Upload-Defer-Length": "1"}


def begin(client: FlaskClient, headers: Headers) -> str:
    answer = client.post("/v1/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    assert "Upload-Offset" not in answer.headers
    return answer.headers["Location"]


def checked(content: bytes, *, algorithm: str = "sha1") -> Headers:
    digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


def head(client: FlaskClient, phone: Headers, place: str) -> TestResponse:
    return client.head(place, headers=phone | TUS)


def code(answer: TestResponse) -> str:
    assert answer.json is not None
    return str(answer.json["code"])


def misses(database: db.Database) -> int:
    """Tell how many files t1 still misses."""
    with database.reading() as session:
        task = session.get(Task, (tasks.DISTRICT, "t1"))
        assert task is not None
        return task.evidence_missing


def parts(settings: Settings) -> list[str]:
    disk = depot.opened(settings)
    return disk.list_parts(district_id=tasks.DISTRICT)
