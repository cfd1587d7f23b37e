"""Supervision for tests: orders whose promises are broken, and what the office does about them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import flask.testing
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api import db
from api.promises import jobs as promises_jobs
from api.supervision import jobs
from api.supervision.models import Case
from schemas.crews import Role
from schemas.rules.transitions import State
from tests.makers import crews, promises, tasks

DONE = "second van from the depot brought the light back at 09:20"
"""What was done, in words that say something."""
minute = promises.minute


def late_order(
    session: Session, task_id: str = "order-1", *, crew_id: str | None = "crew-1", urgency: int = 3
) -> None:
    """Open an order at minute 0 that was accepted at once, and whose crew never arrives."""
    tasks.task(
        session,
        task_id=task_id,
        state=State.accepted,
        crew_id=crew_id,
        urgency=urgency,
        at=promises.OPENED_AT,
    )


def pass_time(database: db.Database, at: float) -> dict[str, int]:
    """Let both jobs run at a minute: promises are settled, then cases climb."""
    with database.unit_of_work() as session:
        promises_jobs.run(session, act=promises.job(at=minute(at)))
        session.flush()
        return jobs.run(session, act=promises.job(at=minute(at)))


def only_case(session: Session, *, kind: str = "arrive") -> Case:
    """Get the only case of a kind of promise."""
    return session.query(Case).filter_by(kind=kind).one()


class Desk:
    """Somebody of the office at a desk, who signs in anew for everything that they do."""

    def __init__(
        self,
        client: flask.testing.FlaskClient,
        sign_in: crews.SignIn,
        role: Role = Role.SUPERVISOR,
        **who: str,
    ) -> None:
        """Sit down in a role."""
        self._client = client
        self._sign_in, self._role, self._who = sign_in, role, who

    def _headers(self) -> dict[str, str]:
        return self._sign_in(self._role, **self._who)

    def other(self, sign_in: crews.SignIn, role: Role, **who: str) -> Desk:
        """Let somebody else sit down beside."""
        return Desk(self._client, sign_in, role, **who)

    def sees(self, path: str) -> int:
        """Ask for something that may not be there; give the status."""
        return self._client.get(path, headers=self._headers()).status_code

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - JSON as it came
        """Ask for something that is there."""
        answer = self._client.get(path, query_string=query, headers=self._headers())
        assert answer.status_code == 200, answer.json
        return answer.json

    def post(self, path: str, **body: object) -> tuple[int, Any]:
        """Do something; give the status and what came back."""
        answer = self._client.post(path, json=body, headers=self._headers())
        return answer.status_code, answer.json

    def sends(
        self, method: str, path: str, *, if_match: str | None = None, **body: object
    ) -> TestResponse:
        """Send a request; give the answer as it came."""
        headers = self._headers() | ({} if if_match is None else {"If-Match": if_match})
        return self._client.open(path, method=method, json=body, headers=headers)

    def put(self, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON as it came
        """Put something in its place."""
        answer = self._client.put(path, json=body, headers=self._headers())
        assert answer.status_code == 200, answer.json
        return answer.json

    def done(self, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON as it came
        """Do something that works."""
        status, answer = self.post(path, **body)
        assert status in {200, 201}, answer
        return answer

    def refused(self, path: str, **body: object) -> tuple[int, str]:
        """Do something that is refused; give the status and the code."""
        status, answer = self.post(path, **body)
        assert status >= 400, answer
        return status, str(answer["code"])


def at(text: str) -> dt.datetime:
    """Read an instant of an answer."""
    return dt.datetime.fromisoformat(text)
