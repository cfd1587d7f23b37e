"""Event time: when an act happened, from a phone whose clock may be wrong.

A contact compares the phone's clocks with the server's. Within one boot the monotonic clock, which
nobody can set, carries a contact's time to the act. Across a reboot only the wall clock is left:
it is corrected by the offset last measured, and believed as far as the offsets around it agree.
What cannot be true (before the act that came before it, after its receipt) is not believed at all:
then the answer is that window, and it says so.
Seconds unless the name says otherwise; instants are aware.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import itertools
import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

DRIFT_PER_S: Final = 1e-4
"""Seconds that a phone's oscillator may err per second: 100 ppm, 0.36 s an hour."""
TICK_S: Final = 0.002
"""What two readings of a clock of milliseconds can err by."""
JUMP_S: Final = 60.0
"""A wall clock that moved by more than this against the monotonic one was set."""
UNDER_WAY_S: Final = 30.0
"""Taken for a request under way where the clocks say nothing against it."""
UNCHECKED_ERROR_S: Final = 30.0
"""Added across a reboot when contacts on only one side of the act give its offset."""


class Basis(enum.StrEnum):
    """What an answer rests on."""

    monotonic = "monotonic"
    wall = "wall"
    window = "window"


@dataclasses.dataclass(frozen=True, slots=True)
class Contact:
    """One exchange between phone and server.

    Attributes:
        device_at: the phone's wall clock when it sent the request.
        monotonic_ms: its monotonic clock at that moment.
        boot_id: which boot the monotonic clock belongs to.
        server_at: the server's clock when it answered.
        round_trip_s: from sending to the answer, by the phone.
    """

    device_at: dt.datetime
    monotonic_ms: int
    boot_id: str
    server_at: dt.datetime
    round_trip_s: float


class Reading(NamedTuple):
    """The phone's clocks at the act."""

    device_at: dt.datetime
    monotonic_ms: int
    boot_id: str


class Offset(NamedTuple):
    """How far the server's clock is ahead of the phone's (negative: the phone is fast)."""

    offset_s: float
    error_s: float


class Happened(NamedTuple):
    """When an act happened.

    Attributes:
        at: best estimate, UTC.
        error_s: the truth lies within this of `at`.
        suspect: the wall clock was set, or the clocks contradict what is known.
        basis: what the answer rests on.
    """

    at: dt.datetime
    error_s: float
    suspect: bool
    basis: Basis


def offset(contact: Contact) -> Offset:
    """Measure the offset at a contact; the error is half the round trip."""
    half_s = contact.round_trip_s / 2
    ahead_s = contact.server_at.timestamp() - contact.device_at.timestamp()
    return Offset(ahead_s - half_s, half_s)


def under_way_s(request: Contact, known: Sequence[Contact]) -> float:
    """Bound how long a request was under way when it came: a late one looks like a slow clock.

    Within a boot the monotonic clock tells when it was sent.
    In a new boot the wall clock is believed as far as it was not set; when it was, or when the
    request is late, all the time since the last contact is possible, and where an earlier contact
    bears its clock out, all the time since then: it may be of a boot before the last contact's.
    One whose clock agrees with the last contact's by accident is taken for punctual.
    A phone's first request of all brings nothing that it could be late with: it has no work yet.

    Args:
        request: the contact that has just come; its `round_trip_s` is not known yet.
        known: this phone's contacts before it, in any order.
    """
    if not known:
        return UNDER_WAY_S
    received_s = request.server_at.timestamp()
    same_boot = [contact for contact in known if contact.boot_id == request.boot_id]
    if same_boot:
        return max(min(received_s - _sent_after_s(request, each) for each in same_boot), TICK_S)
    last = max(known, key=lambda contact: contact.server_at)
    longest_s = max(received_s - last.server_at.timestamp(), UNDER_WAY_S)
    sent = _corrected(request.device_at.timestamp(), last)
    seems_s = received_s - sent.epoch_s
    allowed_s = JUMP_S + sent.error_s
    if abs(seems_s) > allowed_s:
        return max(longest_s, *(received_s - each_s for each_s in _borne_out_s(request, known)))
    return min(max(seems_s + allowed_s, UNDER_WAY_S), longest_s)


def _borne_out_s(request: Contact, known: Sequence[Contact]) -> Sequence[float]:
    """List the sendings, in epoch seconds, that lie between a contact that says so and the next."""
    ordered = sorted(known, key=_epoch_s)
    borne_out_s = [_epoch_s(request)]
    for contact, following in itertools.pairwise(ordered):
        sent = _corrected(request.device_at.timestamp(), contact)
        earliest_s = sent.epoch_s - sent.error_s - JUMP_S
        if _epoch_s(contact) <= sent.epoch_s and earliest_s <= _epoch_s(following):
            borne_out_s.append(earliest_s)
    return borne_out_s


def _sent_after_s(request: Contact, known: Contact) -> float:
    """Tell the earliest that a request can have been sent, in epoch seconds, by a known contact."""
    apart_s = (request.monotonic_ms - known.monotonic_ms) / 1000
    earliest_s = known.server_at.timestamp() - known.round_trip_s
    return earliest_s + apart_s - DRIFT_PER_S * abs(apart_s) - TICK_S


def jumped(earlier: Contact, later: Contact) -> bool:
    """Tell whether the wall clock was set between two contacts."""
    before, after = offset(earlier), offset(later)
    apart_s = abs((later.server_at - earlier.server_at).total_seconds())
    allowed_s = JUMP_S + before.error_s + after.error_s + DRIFT_PER_S * apart_s
    return abs(after.offset_s - before.offset_s) > allowed_s


def copied(contact: Contact, known: Sequence[Contact]) -> bool:
    """Tell whether a contact proves that a device is two: its boot goes on after another began.

    A phone does not come back to a boot. A request of an earlier boot that was long under way was
    sent before the newer boot's contact, by its own monotonic clock.

    Args:
        contact: the new one.
        known: those before it, newest first.
    """
    same_boot = [each for each in known if each.boot_id == contact.boot_id]
    if not same_boot or known[0].boot_id == contact.boot_id:
        return False
    sent_s = max(_sent_after_s(contact, each) for each in same_boot)
    return sent_s > known[0].server_at.timestamp()


def happened(
    reading: Reading,
    contacts: Sequence[Contact],
    *,
    received_at: dt.datetime,
    not_before: dt.datetime,
) -> Happened:
    """Derive when an act happened.

    Args:
        reading: the phone's clocks at the act.
        contacts: this phone's contacts, in any order; the one that delivered the act belongs to
            them. Those of the last days are enough.
        received_at: when the server first heard of the act.
        not_before: the act cannot be older: when the act before it in the phone's sequence
            happened at the earliest, or when the phone was enrolled.
    """
    earliest_s = not_before.timestamp()
    window = _Window(earliest_s, max(received_at.timestamp(), earliest_s))
    same_boot = [contact for contact in contacts if contact.boot_id == reading.boot_id]
    if same_boot:
        estimate = _by_monotonic(reading, _surest(reading, same_boot))
    else:
        estimate = _by_wall(reading, contacts, window)
    return _within(estimate, window)


@dataclasses.dataclass(frozen=True, slots=True)
class _Window:
    """What must be true of an act, in epoch seconds."""

    earliest_s: float
    latest_s: float

    def holds(self, estimate: _Estimate) -> bool:
        earliest_s = self.earliest_s - estimate.error_s
        return earliest_s <= estimate.epoch_s <= self.latest_s + estimate.error_s


class _Estimate(NamedTuple):
    epoch_s: float
    error_s: float
    suspect: bool
    basis: Basis


def _surest(reading: Reading, same_boot: Sequence[Contact]) -> Contact:
    """Choose the contact whose time errs least at the act; of equals the one that says earliest."""
    errors_s = [
        contact.round_trip_s / 2
        + DRIFT_PER_S * abs(reading.monotonic_ms - contact.monotonic_ms) / 1000
        for contact in same_boot
    ]
    least_s = min(errors_s)
    equal = [each for each, error_s in zip(same_boot, errors_s, strict=True) if error_s == least_s]
    if len(equal) == 1:
        return equal[0]
    return min(equal, key=lambda contact: _by_monotonic(reading, contact).epoch_s)


def _by_monotonic(reading: Reading, contact: Contact) -> _Estimate:
    """Carry a contact's time to the act by the clock that nobody can set."""
    measured = offset(contact)
    since_s = (reading.monotonic_ms - contact.monotonic_ms) / 1000
    epoch_s = contact.device_at.timestamp() + measured.offset_s + since_s
    wall_s = reading.device_at.timestamp() + measured.offset_s
    error_s = measured.error_s + DRIFT_PER_S * abs(since_s)
    return _Estimate(epoch_s, error_s, abs(wall_s - epoch_s) > JUMP_S + error_s, Basis.monotonic)


def _by_wall(reading: Reading, contacts: Sequence[Contact], window: _Window) -> _Estimate:
    """Correct the wall clock by the last offset before the act, checked by the first after it."""
    wall_s = reading.device_at.timestamp()
    ordered = sorted(contacts, key=lambda contact: contact.server_at)
    offsets = [(contact, _corrected(wall_s, contact)) for contact in ordered]
    possible = [(contact, estimate) for contact, estimate in offsets if window.holds(estimate)]
    if not possible:
        return _Estimate(wall_s, math.inf, suspect=True, basis=Basis.wall)
    # Whoever brought the act came after it, whatever the clocks say.
    before = [
        pair
        for pair in possible
        if pair[0].server_at.timestamp() <= pair[1].epoch_s
        and pair[0].server_at.timestamp() < window.latest_s
    ]
    after = [pair for pair in possible if pair not in before]
    used, estimate = before[-1] if before else after[0]
    suspect = len(possible) < len(offsets)
    error_s = estimate.error_s + UNCHECKED_ERROR_S
    if before and after:
        next_contact, other = after[0]
        error_s = max(estimate.error_s, other.error_s) + abs(other.epoch_s - estimate.epoch_s)
        # No boot begins and ends within another: then the contacts are those of a second phone,
        # unless the later one was only long under way.
        sent_s = next_contact.server_at.timestamp() - next_contact.round_trip_s
        within = used.boot_id == next_contact.boot_id and sent_s > estimate.epoch_s
        suspect = suspect or within or jumped(used, next_contact)
    rival_s = _rival_s(estimate, ordered, possible)
    error_s = max(error_s, rival_s)
    return _Estimate(estimate.epoch_s, error_s, suspect or rival_s > 0, Basis.wall)


def _rival_s(
    estimate: _Estimate,
    ordered: Sequence[Contact],
    possible: Sequence[tuple[Contact, _Estimate]],
) -> float:
    """Tell how far off the farthest other answer is that its own contact would bear out.

    A contact speaks for the time between its neighbours; where its answer falls there and another
    contact says something else, the clock was set, and nobody can tell which of them is right.
    """
    farthest_s = 0.0
    for contact, other in possible:
        place = ordered.index(contact)
        earlier, later = ordered[max(place - 1, 0)], ordered[min(place + 1, len(ordered) - 1)]
        after_earlier = place == 0 or other.epoch_s >= _epoch_s(earlier) - other.error_s
        before_later = later is contact or other.epoch_s <= _epoch_s(later) + other.error_s
        apart_s = abs(other.epoch_s - estimate.epoch_s)
        if after_earlier and before_later and apart_s > JUMP_S + other.error_s + estimate.error_s:
            farthest_s = max(farthest_s, apart_s + other.error_s)
    return farthest_s


def _epoch_s(contact: Contact) -> float:
    return contact.server_at.timestamp()


def _corrected(wall_s: float, contact: Contact) -> _Estimate:
    measured = offset(contact)
    gap_s = abs(wall_s - contact.device_at.timestamp())
    error_s = measured.error_s + DRIFT_PER_S * gap_s
    return _Estimate(wall_s + measured.offset_s, error_s, suspect=False, basis=Basis.wall)


def _within(estimate: _Estimate, window: _Window) -> Happened:
    """Hold an estimate against what must be true; fall back on the window where it fails."""
    if not math.isfinite(estimate.error_s) or not window.holds(estimate):
        half_s = (window.latest_s - window.earliest_s) / 2
        return Happened(_instant(window.earliest_s + half_s), half_s, True, Basis.window)
    epoch_s = min(max(estimate.epoch_s, window.earliest_s), window.latest_s)
    return Happened(_instant(epoch_s), estimate.error_s, estimate.suspect, estimate.basis)


def _instant(epoch_s: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(epoch_s, dt.UTC)
