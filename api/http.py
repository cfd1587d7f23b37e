"""The edge: doors, units of work, acts from requests, refusals as problem bodies, pages, ETags.

A resource opens with `@door(...)`: the caller is authenticated, one unit of work spans the view,
and it commits before the answer leaves.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, ParamSpec, Protocol, TypeVar, cast

import flask
import msgspec
from msgspec import Meta
from sqlalchemy.orm import Session

from api.acts import Act, Happened, Principal
from api.clock import Clock
from api.db import Database
from api.errors import Invalid, NotSignedIn
from api.ids import IdMaker
from api.rates import Rates
from api.settings import Settings
from schemas.base import Shape
from schemas.crews import Role

P = ParamSpec("P")
R = TypeVar("R")

PAGE_ROWS_MAX: Final = 500
_PAGE_ROWS: Final = 100
DISTRICT_HEADER: Final = "X-District"
"""Names the district that an office request is about, for people who see more than one."""
PROOF_HEADER: Final = "DPoP"
SECURITY: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"dpop": []}]
"""How a door says in OpenAPI that it asks for a token."""
_SCHEMES: Final = frozenset({"Bearer", "DPoP"})


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """A proof of possession that came with a request, and the request that it must be for.

    Attributes:
        text: the header's text.
        method: the request's method.
        path: its path.
        writes: whether the unit of work that looks at it is going to write.
    """

    text: str
    method: str
    path: str
    writes: bool = False


class Authenticate(Protocol):
    """Turns an access token into the person behind it."""

    def __call__(
        self,
        session: Session,
        *,
        token: str,
        now: dt.datetime,
        district_id: str | None,
        proof: Proof | None = None,
    ) -> Principal:
        """Find the person, as the database knows them now, in the asked-for district.

        Raises:
            NotSignedIn: the token is not valid, or its person, device or family is not any more.
            NotFound: the district is not theirs.
            Refused: the token is bound to a key, and the proof of it is missing or wrong.
        """
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Grant:
    """A token for one thing only, and until when it is good."""

    token: str
    expires_at: dt.datetime


class GrantUploads(Protocol):
    """Gives a revoked device a token that goes on with its uploads and opens nothing else."""

    def __call__(
        self, session: Session, *, person_id: str, device_id: str, now: dt.datetime
    ) -> Grant:
        """Give the token."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """What a running server is made of; kept on the Flask app and passed down."""

    settings: Settings
    database: Database
    clock: Clock
    new_id: IdMaker
    authenticate: Authenticate
    authenticate_upload: Authenticate
    grant_uploads: GrantUploads
    requests: Rates
    """How often each person may open a door."""


def server() -> Server:
    """Give the parts of the server that answers this request."""
    return cast("Server", flask.current_app.extensions["lamplighter"])


def session() -> Session:
    """Give the unit of work of this request."""
    return cast("Session", flask.g.session)


def principal() -> Principal:
    """Give whoever asks."""
    return cast("Principal", flask.g.principal)


def token() -> str:
    """Give the access token that this request shows, by either scheme.

    Raises:
        NotSignedIn: it shows none.
    """
    scheme, _, text = flask.request.headers.get("Authorization", "").partition(" ")
    if scheme not in _SCHEMES:
        raise NotSignedIn
    return text.strip()


def proof(*, writes: bool = False) -> Proof | None:
    """Give the proof that this request carries, if it does (RFC 9449).

    Args:
        writes: whether the unit of work that looks at it is going to write.
    """
    text = flask.request.headers.get(PROOF_HEADER)
    if text is None:
        return None
    return Proof(text, flask.request.method, flask.request.path, writes)


def act() -> Act:
    """Make the act of this request: it happens now; `If-Match` says what it is based on."""
    now = server().clock.now()
    return Act(
        principal=principal(),
        happened=Happened(at=now),
        received_at=now,
        based_on=_based_on(),
        new_id=server().new_id,
    )


def door(*roles: Role, writes: bool | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open a view to signed-in people who have one of the roles (none named: everybody).

    Args:
        *roles: the roles that may enter.
        writes: whether the unit of work writes; by default, every method but GET and HEAD does.
    """

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def opened(*args: P.args, **kwargs: P.kwargs) -> R:
            commits = flask.request.method not in {"GET", "HEAD"} if writes is None else writes
            database = server().database
            work = database.unit_of_work if commits else database.reading
            with work() as db_session:
                flask.g.session = db_session
                flask.g.principal = _identify(db_session, writes=commits)
                _count(principal())
                if roles:
                    principal().require(*roles)
                return view(*args, **kwargs)

        return _secured(opened, view)

    return wrap


def gate(*roles: Role, writes: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open a view to signed-in people without a unit of work; the view makes its own, short ones.

    For doors whose bytes flow while no transaction may be held: sync and uploads.

    Args:
        *roles: the roles that may enter; none named: everybody.
        writes: whether the proof that comes with the token is marked as used for all workers.
    """

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def opened(*args: P.args, **kwargs: P.kwargs) -> R:
            database = server().database
            work = database.unit_of_work if writes else database.reading
            with work() as db_session:
                flask.g.principal = _identify(db_session, writes=writes)
            if roles:
                principal().require(*roles)
            return view(*args, **kwargs)

        return _secured(opened, view)

    return wrap


def upload_gate(view: Callable[P, R]) -> Callable[P, R]:
    """Open a view to signed-in people and to revoked devices whose files are still expected.

    It makes its own, short units of work.
    """

    @functools.wraps(view)
    def opened(*args: P.args, **kwargs: P.kwargs) -> R:
        with server().database.reading() as db_session:
            flask.g.principal = server().authenticate_upload(
                db_session,
                token=token(),
                now=server().clock.now(),
                district_id=flask.request.headers.get(DISTRICT_HEADER),
                proof=proof(),
            )
        return view(*args, **kwargs)

    return _secured(opened, view)


def open_door(view: Callable[P, R]) -> Callable[P, R]:
    """Open a view to anybody, in a unit of work (sign-in, health)."""

    @functools.wraps(view)
    def opened(*args: P.args, **kwargs: P.kwargs) -> R:
        with server().database.unit_of_work() as db_session:
            flask.g.session = db_session
            return view(*args, **kwargs)

    return opened


class PageQuery(Shape):
    """Where a page starts and how long it is."""

    after: Annotated[str, Meta(max_length=1_000)] | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)] = _PAGE_ROWS


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Some items in the order of their key, and the key of the next page."""

    items: Sequence[Shape]
    next: str | None


def page_key(*parts: object) -> str:
    """Write the key of the last row of a page, opaque to the caller."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def read_page_key(text: str, *, parts: int) -> list[Any]:
    """Read a page key.

    Raises:
        Invalid: it is none that this server wrote.
    """
    try:
        key = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as error:
        raise Invalid(reason="the page key is not one of ours") from error
    if not isinstance(key, list) or len(key) != parts or "\x00" in "".join(map(str, key)):
        raise Invalid(reason="the page key is not one of ours")
    return key


def read_page_instant(part: object) -> dt.datetime:
    """Read a part of a page key that is an instant.

    Raises:
        Invalid: it is none that this server wrote.
    """
    try:
        instant = dt.datetime.fromisoformat(str(part))
        if instant.tzinfo is not None:
            return instant.astimezone(dt.UTC)
    except (OverflowError, ValueError) as error:
        raise Invalid(reason="the page key is not one of ours") from error
    raise Invalid(reason="the page key is not one of ours")


def read_moment_key(text: str | None) -> tuple[dt.datetime, str] | None:
    """Read the key of a page that is in the order of an instant and an id; None at the start.

    Raises:
        Invalid: it is none that this server wrote.
    """
    if text is None:
        return None
    at, row_id = read_page_key(text, parts=2)
    return read_page_instant(at), str(row_id)


def _identify(db_session: Session, *, writes: bool = False) -> Principal:
    """Find out who asks."""
    return server().authenticate(
        db_session,
        token=token(),
        now=server().clock.now(),
        district_id=flask.request.headers.get(DISTRICT_HEADER),
        proof=proof(writes=writes),
    )


def _count(who: Principal) -> None:
    """Count a request of somebody.

    Raises:
        TooMany: they come too often.
    """
    times = server().settings.integration_times if who.has(Role.INTEGRATION) else 1
    server().requests.count(who.person_id, now=server().clock.now(), times=times)


def _secured(opened: Callable[P, R], view: Callable[P, R]) -> Callable[P, R]:
    """Keep the view's documentation and say in OpenAPI that it needs a token."""
    known = getattr(view, "_apidoc", {})
    documented = cast("Any", opened)
    documented._apidoc = {  # noqa: SLF001 - flask-smorest keeps a view's documentation here
        **known,
        "manual_doc": {**known.get("manual_doc", {}), "security": SECURITY},
    }
    return opened


def _based_on() -> int | None:
    """Read the version from If-Match, when it is there."""
    raw = flask.request.headers.get("If-Match")
    if raw is None or raw == "*":
        return None
    version = raw.strip().removeprefix("W/").strip('"')
    if not version.isascii() or not version.isdigit() or len(version) > 15:  # noqa: PLR2004 - 2**49 changes
        raise Invalid(reason="If-Match must be the version of the resource")
    return int(version)
