"""Promises to customers: who gave which window to whom, in which words, and how it ended.

A promise has one window after the other; each ends by itself as kept, agreed anew before it was
due, or broken.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import Id, Instant, Name, Sha256, Shape, Text
from schemas.rules.windows import Aim

Said = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]


class ContactWay(StrEnum):
    """How somebody spoke with the customer."""

    AT_DOOR = "at_door"
    PHONE = "phone"
    MESSAGE = "message"
    LETTER = "letter"
    COUNTER = "counter"


class ConsentHow(StrEnum):
    """How a customer consented."""

    SPOKEN = "spoken"
    WRITTEN = "written"
    SIGNED = "signed"


class Consent(Shape):
    """Who consented, and how; a signature is evidence that was declared for the same order."""

    name: Name
    how: ConsentHow = ConsentHow.SPOKEN
    signature_sha256: Sha256 | None = None


class PromiseMade(Shape):
    """Operation `promise.make`: the customer was promised a window, in these words.

    `aim` shall have come by `due_at`, and not before `from_at` where somebody waits from then on.
    """

    customer: Name
    contact: Text = ""
    channel: ContactWay = ContactWay.AT_DOOR
    aim: Aim = Aim.arrive
    from_at: Instant | None = None
    due_at: Instant
    words: Said
    consent: Consent | None = None


class AgreedAnew(Shape):
    """Another window, with the customer's consent, for a concrete reason."""

    channel: ContactWay = ContactWay.PHONE
    from_at: Instant | None = None
    due_at: Instant
    words: Said
    consent: Consent
    why: Text


class PromiseReagreed(AgreedAnew):
    """Operation `promise.reagree`: before it is due, the customer consented to another window."""

    promise_id: Id
    channel: ContactWay = ContactWay.AT_DOOR


class PromiseDraft(PromiseMade):
    """A promise that the office gives, on an order or before there is one."""

    channel: ContactWay = ContactWay.PHONE
    task_id: Id | None = None
    service_point_id: Id | None = None


class Told(Shape):
    """The customer was told how it stands; before the promise is due, that is a notice."""

    customer: Name
    channel: ContactWay = ContactWay.PHONE
    words: Said


class Attached(Shape):
    """The order that a promise is about, which was given before there was one."""

    task_id: Id


class Withdrawn(Shape):
    """The customer needs what was promised no more, for a concrete reason."""

    why: Text


class Ending(StrEnum):
    """How a window stands, or ended.

    `overtaken` is an agreement that was heard of after a later one; it never came to hold.
    """

    OPEN = "open"
    PROVISIONAL = "provisional"
    KEPT = "kept"
    REAGREED = "reagreed"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


class PromiseWindow(Shape):
    """One window of a promise: who gave it, with whose consent, and how it ended.

    `sure` is false where a person should look before anybody is blamed.
    """

    id: Id
    number: int
    from_at: Instant | None
    due_at: Instant
    words: Text
    channel: ContactWay
    by: Id
    at: Instant
    received_at: Instant
    consent: Consent | None
    why: Text
    clock_id: Id | None
    ending: Ending
    sure: bool


class Telling(Shape):
    """Who told the customer what, when; `before_due` makes it a notice."""

    id: Id
    at: Instant
    received_at: Instant
    by: Id
    customer: Text
    channel: ContactWay
    words: Text
    before_due: bool


class CustomerPromise(Shape):
    """A promise to a customer, with its windows, the oldest first, and who was told what.

    `ending` and `due_at` are of the window that holds; `told_before_due` says whether the customer
    heard of it in time.
    """

    id: Id
    task_id: Id | None
    service_point_id: Id | None
    customer: Text
    contact: Text
    aim: Aim
    given_by: Id
    given_at: Instant
    due_at: Instant
    ending: Ending
    told_before_due: bool
    windows: list[PromiseWindow]
    tellings: list[Telling]
