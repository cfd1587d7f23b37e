"""Policy files: reading them, and naming every fault of one by its file and its place in it."""

from __future__ import annotations

import datetime as dt
import itertools
import pathlib
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from api.promises.service import happenings, wordings
from schemas import promises
from schemas.crews import Level
from schemas.rules import deadlines, ladder, reasons, slots
from schemas.rules.picking import ReasonFor
from schemas.supervision import Ladder

FOLDER: Final = pathlib.Path(__file__).parent.parent / "policies"
"""Where the sets lie that come with the program."""
AREA_CLASSES: Final = frozenset({"urban", "rural", "remote"})
URGENCIES: Final = range(1, 6)
_PLACE: Final = re.compile(r"\$\.(\w+)\[(\d+)\]")


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
            sets[path.stem] = read_set(path)
        except PolicyError as error:
            problems += error.problems
    if problems:
        raise PolicyError(problems)
    return MappingProxyType(sets)


def read_set(path: pathlib.Path) -> promises.PolicySet:
    """Read and check one policy file.

    A file that `extends` another one, beside it or of those that come with the program, has all of
    it that it does not say otherwise.

    Raises:
        PolicyError: it is wrong; every fault is told at once.
    """
    said: dict[str, Any] = {}
    try:
        said = _read(path)
        policy = msgspec.convert(said, promises.PolicySet)
    except (msgspec.DecodeError, msgspec.ValidationError, OSError, UnicodeDecodeError) as error:
        raise PolicyError([f"{path.name}: {_plainly(error, said)}"]) from error
    if problems := [f"{path.name}: {fault}" for fault in _faults(policy, path.stem)]:
        raise PolicyError(problems)
    return policy


def major_of(known: Ladder) -> ladder.Major | None:
    """Read what makes an event major, as the rule takes it."""
    if known.major is None:
        return None
    return ladder.Major(
        known.major.level, known.major.customers_min, known.major.care, known.major.urgency_max
    )


def _read(path: pathlib.Path) -> dict[str, Any]:
    """Read a file, laid over the one that it extends; that one must extend no other."""
    said: dict[str, Any] = msgspec.toml.decode(path.read_bytes())
    base = said.pop("extends", None)
    if base is None:
        return said
    beside = path.parent / f"{base}.toml"
    found = beside if beside.is_file() else FOLDER / f"{base}.toml"
    ground: dict[str, Any] = msgspec.toml.decode(found.read_bytes())
    return ground | said


def _plainly(error: Exception, said: Mapping[str, Any]) -> str:
    """Tell an error of reading, with the name of the row or reason that it is about."""
    if isinstance(error, FileNotFoundError):
        return f"there is no {pathlib.Path(str(error.filename)).name}"

    def named(place: re.Match[str]) -> str:
        table, number = place[1], int(place[2])
        listed = said.get(table, [])
        entry = listed[number] if number < len(listed) else None
        name = entry.get("id", entry.get("code")) if isinstance(entry, dict) else None
        return f"{table} {name or number + 1}"

    return _PLACE.sub(named, str(error)).replace("$.", "")


def _faults(policy: promises.PolicySet, stem: str) -> Iterator[str]:
    """Name what is wrong with a policy set."""
    if policy.name != stem:
        yield f"it is named {policy.name}; the file's name must say so"
    if policy.area_class_unknown not in AREA_CLASSES:
        yield f"area class {policy.area_class_unknown} is unknown"
    yield from _office_faults(policy)
    yield from _ladder_faults(policy)
    yield from _reason_faults(policy)
    yield from wordings.faults(policy)
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
        f"supervision: {fault}" for fault in ladder.faults(rungs, major_of(known), levels=levels)
    )


def _reason_faults(policy: promises.PolicySet) -> Iterator[str]:
    """Name what is wrong with the reasons that work may be returned or suspended for."""
    codes = [reason.code for reason in policy.reasons]
    yield from (f"reason {code} is there twice" for code in set(codes) if codes.count(code) > 1)
    for reason in policy.reasons:
        if unknown := sorted(set(reason.holds) - set(policy.kinds)):
            yield f"reason {reason.code}: kind {', '.join(unknown)} has no words"
        if reason.holds and ReasonFor.suspend not in reason.given_for:
            yield f"reason {reason.code}: only what suspends work holds a clock"
        if reason.needs_until and ReasonFor.suspend not in reason.given_for:
            yield f"reason {reason.code}: only what suspends work needs an end"
        if not all(reasons.check(each).concrete for each in (reason.words.en, reason.words.zh)):
            yield f"reason {reason.code}: its words say nothing"
    for given_for in set(ReasonFor) - set(policy.own_words):
        if not any(given_for in reason.given_for for reason in policy.reasons):
            yield f"own_words: no reason is given for {given_for}, and words alone are not enough"


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
    yield from happenings.faults(row)
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
