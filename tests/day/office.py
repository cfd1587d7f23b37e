"""Somebody of the office (or another system) at the API: signed in, and asking for shapes."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Final

import httpx
import msgspec

from schemas.base import Shape, ShapeT, decode, encode
from schemas.crews import SignIn, Tokens

PAGE_ROWS: Final = 500
PAGES_MAX: Final = 1_000
TIMEOUT_S: Final = 60.0
_UNAUTHORIZED: Final = 401


class RefusedError(Exception):
    """The server refused; `code` is its stable code."""

    def __init__(self, response: httpx.Response) -> None:
        """Read the problem body."""
        self.status = response.status_code
        try:
            self.code = str(response.json().get("code"))
        except ValueError:
            self.code = ""
        super().__init__(f"{response.request.method} {response.url}: {response.text[:500]}")


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]
    next: str | None = None


class Desk:
    """One person at the API; a session that has run out is begun anew.

    Attributes:
        person_id: who it is.
    """

    def __init__(self, server: str, *, login: str, password: str) -> None:
        """Sign in."""
        self._http = httpx.Client(base_url=server, timeout=TIMEOUT_S)
        self._login = SignIn(login=login, password=password)
        self.person_id = self._sign_in()

    def get(self, path: str, shape: type[ShapeT], **query: str) -> ShapeT:
        """Fetch one thing.

        Raises:
            RefusedError: the server says no.
        """
        return decode(self.content(path, **query), shape)

    def content(self, path: str, **query: str) -> bytes:
        """Fetch bytes.

        Raises:
            RefusedError: the server says no.
        """
        return self._send("GET", path, query=query).content

    def list_all(self, path: str, shape: type[ShapeT], **query: str) -> Iterator[ShapeT]:
        """Fetch a list page by page.

        Raises:
            RefusedError: the server says no.
        """
        asked = {**query, "limit": str(PAGE_ROWS)}
        for _ in range(PAGES_MAX):
            page = msgspec.json.decode(self.content(path, **asked), type=_Page)
            for item in page.items:
                yield decode(bytes(item), shape)
            if page.next is None:
                return
            asked["after"] = page.next
        message = f"{path} has more than {PAGES_MAX} pages"
        raise AssertionError(message)

    def post(self, path: str, shape: type[ShapeT], body: Shape | None = None) -> ShapeT:
        """Do something.

        Raises:
            RefusedError: the server says no.
        """
        return decode(self._send("POST", path, body=body).content, shape)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: Shape | None = None,
    ) -> httpx.Response:
        content = None if body is None else encode(body)
        headers = {} if content is None else {"Content-Type": "application/json"}
        asked = functools.partial(
            self._http.request, method, path, params=query, content=content, headers=headers
        )
        response = asked()
        if response.status_code == _UNAUTHORIZED:
            self._sign_in()
            response = asked()
        if response.is_error:
            raise RefusedError(response)
        return response

    def _sign_in(self) -> str:
        response = self._http.post(
            "/v1/sessions",
            content=encode(self._login),
            headers={"Content-Type": "application/json"},
        )
        if response.is_error:
            raise RefusedError(response)
        tokens = decode(response.content, Tokens)
        self._http.headers["Authorization"] = f"Bearer {tokens.access_token}"
        if tokens.districts:
            self._http.headers["X-District"] = tokens.districts[0].id
        return tokens.person_id
