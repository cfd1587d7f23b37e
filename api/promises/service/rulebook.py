"""The policy sets that this server knows, and which of them a district promises by."""

from __future__ import annotations

import datetime as dt
import functools
import pathlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.promises import store
from api.promises.models import DistrictPolicy
from api.promises.service import held, policy_files
from schemas import promises
from schemas.base import rfc3339
from schemas.customer_notices import PolicyCustomerNotices
from schemas.errors import Words
from schemas.rules import ladder
from schemas.supervision import Ladder

DEFAULT: Final = "sgcc-2022"
_ROWS_CACHED_MAX: Final = 10_000


class Weighed(Protocol):
    """What is known of a piece of work that may be a major event."""

    @property
    def urgency(self) -> int:
        """1 (life at risk) to 5."""

    @property
    def care(self) -> bool:
        """Whether somebody must not wait."""

    @property
    def customers(self) -> int:
        """How many are known to be without power."""


def add_sets(folder: pathlib.Path) -> None:
    """Know the office's own policy sets besides; asked once at start, before anything is promised.

    Raises:
        PolicyError: one is wrong, or is named as one that came with the program.
    """
    if not folder.is_dir():
        raise policy_files.PolicyError([f"there is no folder {folder}"])
    own = policy_files.read_sets(folder)
    if taken := sorted(set(own) & _SHIPPED):
        problems = [f"{name}.toml: a set of this name came with the program" for name in taken]
        raise policy_files.PolicyError(problems)
    _SETS.update(own)
    _by_start.cache_clear()
    list_rows.cache_clear()


def in_force(session: Session, *, district_id: str, at: dt.datetime) -> str:
    """Name the policy set that a district promises by for work opened at an instant."""
    choices = held.choices_of(session, district_id=district_id)
    return next((row.policy for row in choices if row.effective_from <= at), DEFAULT)


def list_known(
    session: Session, *, district_id: str, at: dt.datetime
) -> Sequence[promises.PolicySet]:
    """List the policy sets that work of a district may be under; the one in force comes first."""
    chosen = sorted(row.policy for row in held.choices_of(session, district_id=district_id))
    names = dict.fromkeys([in_force(session, district_id=district_id, at=at), *chosen, DEFAULT])
    return [SETS[name] for name in names if name in SETS]


def limits(session: Session, *, district_id: str, at: dt.datetime) -> promises.PolicyLimits:
    """Give the numbers of the policy set in force that are no clocks."""
    return get_set(in_force(session, district_id=district_id, at=at)).limits


def pace(session: Session, *, district_id: str, at: dt.datetime) -> promises.PolicyPace:
    """Say how fast crews come along by the policy set in force."""
    return get_set(in_force(session, district_id=district_id, at=at)).pace


def ladder_of(policy: str) -> Ladder:
    """Say how cases climb by a policy set; by the default one, when that is no longer there."""
    return SETS.get(policy, SETS[DEFAULT]).supervision


def is_major(policy: str, subject: Weighed) -> bool:
    """Tell whether a piece of work is a major event by a policy set."""
    return ladder.is_major(
        policy_files.major_of(ladder_of(policy)),
        customers=subject.customers,
        care=subject.care,
        urgency=subject.urgency,
    )


def appointments(
    session: Session, *, district_id: str, at: dt.datetime
) -> promises.PolicyAppointments:
    """Say how customers are given appointments by the policy set in force."""
    return get_set(in_force(session, district_id=district_id, at=at)).appointments


def customer_notices(
    session: Session, *, district_id: str, at: dt.datetime
) -> PolicyCustomerNotices | None:
    """Say what customers are told by text message by the policy set in force; None tells nobody."""
    return get_set(in_force(session, district_id=district_id, at=at)).customer_notices


def choose(session: Session, *, act: Act, choice: promises.PolicyChoice) -> promises.PolicyChoice:
    """Promise by another policy set for work opened from an instant on.

    Raises:
        NotFound: there is no such policy set.
    """
    get_set(choice.policy)
    row = store.find_choice(
        session, district_id=act.district_id, effective_from=choice.effective_from
    )
    if row is None:
        row = DistrictPolicy(
            district_id=act.district_id,
            effective_from=choice.effective_from,
        )
        session.add(row)
    row.policy = choice.policy
    row.chosen_at = act.happened.at
    row.chosen_by = act.principal.person_id
    held.of(session).choices.pop(act.district_id, None)
    detail = {"policy": choice.policy, "effective_from": rfc3339(choice.effective_from)}
    crews.audit(session, act=act, what="policy.chosen", subject_id=act.district_id, detail=detail)
    return choice


def list_choices(session: Session, *, act: Act) -> list[promises.PolicyChoice]:
    """List which policy sets the district promises by, the latest first."""
    return [
        promises.PolicyChoice(policy=row.policy, effective_from=row.effective_from)
        for row in store.list_choices(session, district_id=act.district_id)
    ]


def list_sets() -> list[promises.PolicySet]:
    """List every policy set, by name."""
    return [SETS[name] for name in sorted(SETS)]


def get_set(name: str) -> promises.PolicySet:
    """Get a policy set by its name.

    Raises:
        NotFound: there is none with this name.
    """
    if name not in SETS:
        raise NotFound(what="policy set", id=name)
    return SETS[name]


def kind_words(policy: str, kind: str) -> Words:
    """Name a kind of promise for people, also when its policy set is no longer there."""
    if kind == promises.GIVEN:
        return promises.GIVEN_WORDS
    words = SETS[policy].kinds.get(kind) if policy in SETS else None
    return words or Words(en=kind, zh=kind)


def starts(policy: str, *, subject: str, event: str) -> bool:
    """Tell whether an event starts any promise of a policy set."""
    return bool(_by_start(policy).get((subject, event)))


@functools.lru_cache(maxsize=_ROWS_CACHED_MAX)
def list_rows(
    policy: str, *, subject: str, event: str, area_class: str | None, urgency: int, on: dt.date
) -> tuple[promises.PolicyRow, ...]:
    """List the promises that an event starts.

    Args:
        policy: the policy set's name.
        subject: what kind of work it is.
        event: what happened to it.
        area_class: class of its area; None outside every area.
        urgency: 1 (life at risk) to 5.
        on: the local day on which the work was opened.
    """
    known_class = area_class or SETS[policy].area_class_unknown
    return tuple(
        row
        for row in _by_start(policy).get((subject, event), ())
        if _holds(row, known_class, urgency, on)
    )


@functools.cache
def _by_start(policy: str) -> Mapping[tuple[str, str], list[promises.PolicyRow]]:
    rows: dict[tuple[str, str], list[promises.PolicyRow]] = {}
    for row in SETS[policy].rows:
        rows.setdefault((row.subject, row.start), []).append(row)
    return rows


def _holds(row: promises.PolicyRow, area_class: str, urgency: int, on: dt.date) -> bool:
    return (
        (not row.area_class or area_class in row.area_class)
        and (not row.urgency or urgency in row.urgency)
        and row.effective_from <= on <= (row.effective_until or dt.date.max)
    )


_SETS: Final = dict(policy_files.read_sets(policy_files.FOLDER))
_SHIPPED: Final = frozenset(_SETS)
SETS: Final[Mapping[str, promises.PolicySet]] = MappingProxyType(_SETS)
"""Every policy set by its name; a wrong file ends the start."""
