"""The policy sets, read and checked once at start, and which of them a district promises by."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import pathlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Protocol

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.promises import store
from api.promises.models import DistrictPolicy
from api.promises.service import held
from schemas import promises
from schemas.base import rfc3339
from schemas.crews import Level
from schemas.errors import Words
from schemas.rules import deadlines, ladder, slots
from schemas.supervision import Ladder

FOLDER: Final = pathlib.Path(__file__).parent.parent / "policies"
DEFAULT: Final = "sgcc-2022"
AREA_CLASSES: Final = frozenset({"urban", "rural", "remote"})
URGENCIES: Final = range(1, 6)
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


class PolicyError(Exception):
    """One or more policy files are wrong; each fault has a sentence in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_sets(folder: pathlib.Path) -> Mapping[str, promises.PolicySet]:
    """Read and check every policy file of a folder.

    Raises:
        PolicyError: at least one is wrong; every fault is told at once.
    """
    sets: dict[str, promises.PolicySet] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            policy = msgspec.toml.decode(path.read_bytes(), type=promises.PolicySet)
        except msgspec.DecodeError as error:
            problems.append(f"{path.name}: {error}")
            continue
        sets[path.stem] = policy
        problems += [f"{path.name}: {fault}" for fault in _faults(policy, path.stem)]
    if problems:
        raise PolicyError(problems)
    return MappingProxyType(sets)


def in_force(session: Session, *, district_id: str, at: dt.datetime) -> str:
    """Name the policy set that a district promises by for work opened at an instant."""
    choices = held.of(session).choices
    if district_id not in choices:
        choices[district_id] = store.list_choices(session, district_id=district_id)
    chosen = (row.policy for row in choices[district_id] if row.effective_from <= at)
    return next(chosen, DEFAULT)


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
        _major(ladder_of(policy)),
        customers=subject.customers,
        care=subject.care,
        urgency=subject.urgency,
    )


def appointments(
    session: Session, *, district_id: str, at: dt.datetime
) -> promises.PolicyAppointments:
    """Say how customers are given appointments by the policy set in force."""
    return get_set(in_force(session, district_id=district_id, at=at)).appointments


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


def _faults(policy: promises.PolicySet, stem: str) -> Iterator[str]:
    """Name what is wrong with a policy set."""
    if policy.name != stem:
        yield f"it is named {policy.name}; the file's name must say so"
    if policy.area_class_unknown not in AREA_CLASSES:
        yield f"area class {policy.area_class_unknown} is unknown"
    yield from _office_faults(policy)
    yield from _ladder_faults(policy)
    yield from _reason_faults(policy)
    for row in policy.rows:
        yield from (f"row {row.id}: {fault}" for fault in _row_faults(policy, row))
    for one, other in itertools.combinations(policy.rows, 2):
        if one.id == other.id:
            yield f"row {one.id} is there twice"
        elif _overlap(one, other):
            yield f"rows {one.id} and {other.id} promise the same thing"


def _ladder_faults(policy: promises.PolicySet) -> Iterator[str]:
    """Name what is wrong with how cases climb."""
    known = policy.supervision
    if known.source not in policy.sources:
        yield f"supervision: source {known.source} is not listed"
    rungs = [ladder.Rung(rung.level, rung.after_s, rung.points) for rung in known.rungs]
    levels = list(reversed(Level))
    yield from (
        f"supervision: {fault}" for fault in ladder.faults(rungs, _major(known), levels=levels)
    )


def _major(known: Ladder) -> ladder.Major | None:
    """Read what makes an event major, as the rule takes it."""
    if known.major is None:
        return None
    return ladder.Major(
        known.major.level, known.major.customers_min, known.major.care, known.major.urgency_max
    )


def _reason_faults(policy: promises.PolicySet) -> Iterator[str]:
    """Name what is wrong with the reasons that work may be returned or suspended for."""
    codes = [reason.code for reason in policy.reasons]
    yield from (f"reason {code} is there twice" for code in set(codes) if codes.count(code) > 1)
    for reason in policy.reasons:
        if unknown := sorted(set(reason.holds) - set(policy.kinds)):
            yield f"reason {reason.code}: kind {', '.join(unknown)} has no words"
        if reason.holds and promises.ReasonFor.suspend not in reason.given_for:
            yield f"reason {reason.code}: only what suspends work holds a clock"


def _office_faults(policy: promises.PolicySet) -> Iterator[str]:
    """Name what is wrong with the numbers by which the office plans."""
    for part, source in (
        ("pace", policy.pace.source),
        ("appointments", policy.appointments.source),
    ):
        if source not in policy.sources:
            yield f"{part}: source {source} is not listed"
    booked = policy.appointments
    try:
        starts = tuple(map(dt.time.fromisoformat, booked.starts))
        slots.Pattern(starts, slot_min=booked.slot_min, lead_min=booked.lead_min)
    except ValueError as error:
        yield f"appointments: {error}"


def _row_faults(policy: promises.PolicySet, row: promises.PolicyRow) -> Iterator[str]:
    if row.kind not in policy.kinds:
        yield f"kind {row.kind} has no words"
    if row.source not in policy.sources:
        yield f"source {row.source} is not listed"
    if row.start == row.stop:
        yield "it starts and stops by the same event"
    if unknown := sorted(set(row.area_class) - AREA_CLASSES):
        yield f"area class {', '.join(unknown)} is unknown"
    if any(urgency not in URGENCIES for urgency in row.urgency):
        yield "an urgency is from 1 to 5"
    if row.effective_until is not None and row.effective_until < row.effective_from:
        yield "it ends before it begins"
    try:
        deadlines.Allowance(row.amount, row.unit)
    except ValueError as error:
        yield str(error)


def _overlap(one: promises.PolicyRow, other: promises.PolicyRow) -> bool:
    """Tell whether two rows could both be the answer to one question."""
    same = (one.kind, one.subject) == (other.kind, other.subject)
    classes = _meet(one.area_class, other.area_class) and _meet(one.urgency, other.urgency)
    days = one.effective_from <= (other.effective_until or dt.date.max) and (
        other.effective_from <= (one.effective_until or dt.date.max)
    )
    return same and classes and days


def _meet(one: list[str] | list[int], other: list[str] | list[int]) -> bool:
    """Tell whether two lists share something, where an empty one means everything."""
    return not one or not other or not set(one).isdisjoint(other)


SETS: Final = read_sets(FOLDER)
"""Every policy set by its name; a wrong file ends the start."""
