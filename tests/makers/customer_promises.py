"""Promises to customers for tests: what is said at a door, and the office's desk of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import flask.testing

from tests.makers import tasks as work

NOW = work.NOW
REASON = "the crane is at the fallen pole on feeder 7"
Json = dict[str, Any]


def hour(number: float) -> str:
    """Name the instant so many hours after 08:00 in Haikou."""
    return (NOW + dt.timedelta(hours=number)).isoformat()


def made(*, opens: float | None = None, ends: float = 4, **changed: object) -> Json:
    """Promise that somebody comes; hours after 08:00."""
    return {
        "customer": "Li Hua",
        "contact": "139 0000 0000",
        "from_at": None if opens is None else hour(opens),
        "due_at": hour(ends),
        "words": "We come back with the crane.",
        **changed,
    }


def anew(*, opens: float | None = None, ends: float = 8, **changed: object) -> Json:
    """Agree on another window with the customer's consent."""
    return {
        "from_at": None if opens is None else hour(opens),
        "due_at": hour(ends),
        "words": "In the evening.",
        "consent": {"name": "Li Hua", "how": "spoken"},
        "why": REASON,
        **changed,
    }


class Desk:
    """A dispatcher who asks and acts through the doors."""

    def __init__(self, client: flask.testing.FlaskClient, headers: Mapping[str, str]) -> None:
        self._client = client
        self._headers = dict(headers)

    def get(self, path: str, **query: object) -> Json:
        """Ask, and expect an answer."""
        answer = self._client.get(path, query_string=query, headers=self._headers)
        assert answer.status_code == 200, answer.text
        found: Json = answer.get_json()
        return found

    def post(self, path: str, body: object = None, *, status: int = 200, by: str = "POST") -> Json:
        """Act, and expect a status."""
        answer = self._client.open(path, method=by, json=body, headers=self._headers)
        assert answer.status_code == status, answer.text
        told: Json = answer.get_json()
        return told

    def delete(self, path: str) -> int:
        """Take something away, and tell the status."""
        return self._client.delete(path, headers=self._headers).status_code

    def give(self, **body: object) -> Json:
        """Give a promise."""
        return self.post("/v1/customer-promises", made(**body), status=201)  # type: ignore[arg-type]  # hours, and fields of it

    def the_promise(self, **query: object) -> Json:
        """Find the one promise that there is."""
        (promise,) = self.get("/v1/customer-promises", **query)["items"]
        shown: Json = promise
        return shown

    def ledger(self, promise: Json, number: int = 1) -> list[str]:
        """List the causes in the ledger of a window's clock."""
        clock_id = promise["windows"][number - 1]["clock_id"]
        return [line["cause"] for line in self.get(f"/v1/promises/{clock_id}")["moments"]]

    def endings(self, promise_id: str) -> list[str]:
        """List how each window of a promise ended."""
        promise = self.get(f"/v1/customer-promises/{promise_id}")
        return [window["ending"] for window in promise["windows"]]

    def cases(self) -> list[Json]:
        """List the supervision cases of promises to customers."""
        return [each for each in self.get("/v1/supervision")["items"] if each["kind"] == "promise"]
