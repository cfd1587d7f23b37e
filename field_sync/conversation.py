"""The words of the sync conversation: its phases and states, what happens, what is to be done.

Each action says which event answers it; a failure is always one of `Lost`, `TokenRefused`,
`RequestRefused` and `Revoked`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from enum import StrEnum


class Phase(StrEnum):
    """What the handheld waits for."""

    IDLE = "idle"
    ASKING = "asking"
    PUSHING = "pushing"
    REBASING = "rebasing"
    PULLING = "pulling"
    UPLOADING = "uploading"
    REFRESHING = "refreshing"
    BACKING_OFF = "backing_off"
    SIGNED_OUT = "signed_out"
    WIPED = "wiped"
    LAST_WORDS = "last_words"


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """Where the conversation stands.

    Attributes:
        phase: what it waits for.
        unsure: a push went out and its answer never came.
        renewed: the token was renewed in this round and has not been accepted since.
        joins: how often this round has asked because the server's chain was not ours.
        failures: tries that failed in a row.
        wait_until: not to be woken before this by the timer; a person may.
    """

    phase: Phase = Phase.IDLE
    unsure: bool = False
    renewed: bool = False
    joins: int = 0
    failures: int = 0
    wait_until: dt.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """What lies ready in the store: operations to push, files to upload."""

    operations: int = 0
    files: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Fork:
    """Where the server's chain and ours part.

    Attributes:
        n: number of the server's last operation of this device.
        sha256: its hash.
        after: the number through which the server has what is ours; not above `n`.
    """

    n: int
    sha256: str
    after: int


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A person wants to sync now."""

    work: Work


@dataclasses.dataclass(frozen=True, slots=True)
class Due:
    """The timer went off."""

    now: dt.datetime
    work: Work


@dataclasses.dataclass(frozen=True, slots=True)
class Answered:
    """A sync was answered, and the answer is in the store.

    Attributes:
        now: the wall clock.
        work: what is left.
        more: whether the server has more changes to tell.
        moved: whether an operation was settled or the cursor went on; without that, going on
            would go round in a circle.
        next_in_s: when the server wants to hear of us again.
        diverged: whether what it said shows that its chain of our operations is not ours.
    """

    now: dt.datetime
    work: Work
    more: bool
    moved: bool
    next_in_s: float
    diverged: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Acknowledged:
    """The server said how far it had settled, and that is in the store.

    `fork` tells where its chain and ours part, if they do.
    """

    work: Work
    fork: Fork | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Rebased:
    """What waits follows the server's last operation now."""

    work: Work


@dataclasses.dataclass(frozen=True, slots=True)
class FileSettled:
    """A file has arrived or was refused; either way it waits no longer."""

    work: Work


@dataclasses.dataclass(frozen=True, slots=True)
class Renewed:
    """New tokens are in the store."""

    work: Work


@dataclasses.dataclass(frozen=True, slots=True)
class SignedIn:
    """The person signed in again."""

    work: Work


@dataclasses.dataclass(frozen=True, slots=True)
class Lost:
    """No answer came, or the server is busy; `spread` is a random number from 0 up to 1."""

    now: dt.datetime
    spread: float
    retry_after_s: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class TokenRefused:
    """The server did not take the token."""


@dataclasses.dataclass(frozen=True, slots=True)
class CursorRefused:
    """The server does not know the cursor; what was pushed with it may have been settled."""


@dataclasses.dataclass(frozen=True, slots=True)
class RequestRefused:
    """The server refuses the request as such; repeating it at once would change nothing."""

    now: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Revoked:
    """The office has revoked this device."""

    notice: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class LastWordsHeard:
    """The server keeps what was said last; `work` is what is left."""

    work: Work


Event = (
    Asked
    | Due
    | Answered
    | Acknowledged
    | Rebased
    | FileSettled
    | Renewed
    | SignedIn
    | Lost
    | TokenRefused
    | CursorRefused
    | RequestRefused
    | Revoked
    | LastWordsHeard
)


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """Ask how far the server has settled; answer with `Acknowledged` or a failure."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rebase:
    """Number what waits anew, behind the server's last operation; answer with `Rebased`."""

    fork: Fork


@dataclasses.dataclass(frozen=True, slots=True)
class Push:
    """Send the next batch of operations; answer with `Answered` or a failure."""


@dataclasses.dataclass(frozen=True, slots=True)
class Pull:
    """Fetch the next page of changes; answer with `Answered` or a failure."""


@dataclasses.dataclass(frozen=True, slots=True)
class SendFile:
    """Send the next file, or what is left of it; answer with `FileSettled` or a failure."""


@dataclasses.dataclass(frozen=True, slots=True)
class Renew:
    """Exchange the refresh token; answer with `Renewed` or a failure."""


@dataclasses.dataclass(frozen=True, slots=True)
class ForgetCursor:
    """Forget the cursor, so that everything comes afresh; needs no answer."""


@dataclasses.dataclass(frozen=True, slots=True)
class SignOut:
    """Remember that somebody must sign in again; capture goes on; needs no answer."""


@dataclasses.dataclass(frozen=True, slots=True)
class Wipe:
    """Tell the notice and wipe the server's records; the outbox stays; needs no answer."""

    notice: str


@dataclasses.dataclass(frozen=True, slots=True)
class SayLast:
    """Say what was not sent, signed by the device's key; answer with `LastWordsHeard`."""


Action = Ask | Rebase | Push | Pull | SendFile | Renew | ForgetCursor | SignOut | Wipe | SayLast
