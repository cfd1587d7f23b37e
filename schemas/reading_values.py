"""Values that nobody of ours read: corrections, a customer's own, declared estimates."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import Exact, Id, Instant, Name, Sha256, Shape, Text, require_exact
from schemas.reading_standing import PHOTOS_MAX
from schemas.readings import Method, Reading
from schemas.requests import Said
from schemas.rules import estimators


class ReadingCorrected(Shape):
    """What stands in the place of a reading, how it came to be known, and why.

    `read` is what the reading's own photo shows; an estimate names its `estimator`.
    """

    total: Exact
    tariffs: dict[str, Exact] = {}
    method: Method
    estimator: estimators.Method | None = None
    reason: Said

    def __post_init__(self) -> None:
        """Refuse numbers that nothing could keep."""
        require_exact(self.total, *self.tariffs.values())


class CustomerValue(Shape):
    """A customer's own reading, as a portal sends it; `read_at` is when they looked.

    `confirmed` lists the prompts that the customer was shown and confirmed.
    `key` is the sender's own id: sent twice, it adds nothing.
    """

    key: Id
    meter_id: Id
    total: Exact
    tariffs: dict[str, Exact] = {}
    read_at: Instant | None = None
    confirmed: Annotated[list[str], Meta(max_length=20)] = []
    photo_sha256: Annotated[list[Sha256], Meta(max_length=PHOTOS_MAX)] = []
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse numbers that nothing could keep."""
        require_exact(self.total, *self.tariffs.values())


class CustomerOutcome(StrEnum):
    """What became of a customer's own reading: it counts, or it is kept and does not."""

    TAKEN = "taken"
    QUESTIONED = "questioned"
    CONFLICT = "conflict"


class Question(Shape):
    """What a customer is asked about their value; it never says what is expected."""

    code: Name
    en: Text
    zh: Text


class CustomerTaken(Shape):
    """What became of a customer's own reading, and what they should look at again."""

    outcome: CustomerOutcome
    reading: Reading
    questions: list[Question]
    again: bool = False


class EstimateDraft(Shape):
    """An estimate that the office declares: the method is named, and the server works it out.

    `customer_class` needs `class_kwh_per_day`, `agreed` needs `agreed_kwh`; nothing else does.
    `read_at` is the moment that it stands for, by default now.
    """

    meter_id: Id
    estimator: estimators.Method
    read_at: Instant | None = None
    class_kwh_per_day: Exact | None = None
    agreed_kwh: Exact | None = None
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse numbers that nothing could keep."""
        given = (self.class_kwh_per_day, self.agreed_kwh)
        require_exact(*(each for each in given if each is not None))


class Estimate(Shape):
    """A declared estimate with all that it was worked out from.

    `recomputed_kwh` is what the method gives from the stored `inputs` alone, today.
    """

    reading: Reading
    since_value: Exact
    since_at: Instant
    used_kwh: Exact
    recomputed_kwh: Exact
    inputs: dict[str, object]
