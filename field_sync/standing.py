"""Where the conversation stands: taken up from what the store remembers, and said in words."""

from __future__ import annotations

import dataclasses
import datetime as dt

from field_sync import errors, protocol
from field_sync.conversation import Phase, State
from field_sync.store import settings
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from schemas.errors import Refused
from schemas.rules import pacing


def take_up(store: Store) -> State:
    """Take the conversation up from what the store remembers."""
    sent = settings.find_number(store, Name.SENT_THROUGH)
    return protocol.begin(
        unsure=sent > settings.find_number(store, Name.SETTLED_THROUGH),
        signed_out=settings.find(store, Name.SIGNED_OUT) is not None,
        wiped=settings.find(store, Name.WIPED) is not None,
    )


def woken(store: Store, now: dt.datetime) -> State:
    """Take the conversation up for a timer that woke this handheld together with many others.

    Its own `Due` does nothing before the state's `wait_until`; a person's `Asked` does not wait.

    Args:
        store: the handheld's store.
        now: the wall clock.
    """
    delay_s = pacing.wake_delay_s(settings.find(store, Name.DEVICE) or "")
    return dataclasses.replace(take_up(store), wait_until=now + dt.timedelta(seconds=delay_s))


def refusal(store: Store, state: State) -> Refused | None:
    """Say what stands between the crew and any sync, whatever went wrong last."""
    match state.phase:
        case Phase.SIGNED_OUT:
            return errors.SignedOut()
        case Phase.WIPED | Phase.LAST_WORDS:
            return errors.Wiped(notice=settings.find(store, Name.WIPED) or "")
        case _:
            return None
