"""When a device's operations happened, from its contacts (see schemas.rules.event_time)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act, Happened
from api.crews import service as crews
from api.crews.models import Device
from api.sync import store
from api.sync.inbox import Letter
from schemas import sync
from schemas.rules import boots
from schemas.rules import event_time as rule

_SAME_BOOT_CONTACTS: Final = 3


class Timeline:
    """A device's contacts, asked for the moment of each of its operations."""

    def __init__(
        self,
        contacts: Sequence[rule.Contact],
        *,
        received_at: dt.datetime,
        was_copied: bool,
    ) -> None:
        """Take the contacts, newest first; the one that delivers comes first of all.

        Args:
            contacts: of the device.
            received_at: when we were told.
            was_copied: whether the device is known to be two phones.
        """
        self.copied = was_copied or rule.copied(contacts[0], contacts[1:])
        self._contacts = contacts
        self._trusted = contacts
        if self.copied:
            # Across a reboot nobody knows whose clock a contact read, save the one that delivers.
            boot = contacts[0].boot_id
            self._trusted = [each for each in contacts if each.boot_id == boot]
        self._received_at = received_at
        self._near: dict[str, Sequence[rule.Contact]] = {}
        self._heard = {each.boot_id for each in contacts}
        self._tied: dict[str, boots.Tied] = {}

    def tie(self, letters: Sequence[Letter]) -> None:
        """Take what came together, in order, before the moment of each is asked for."""
        operations = [letter.operation for letter in letters if letter.operation is not None]
        unheard = [each for each in operations if each.boot not in self._heard]
        self._tied = boots.tie(map(_reading, unheard))

    def happened(self, operation: sync.Operation, *, not_before: dt.datetime) -> Happened:
        """Derive when an operation happened.

        Args:
            operation: with the phone's clocks at the act.
            not_before: when the operation before it can have happened at the earliest.
        """
        reading = _reading(operation)
        latest, was_set = self._received_at, False
        tied = self._tied.get(operation.boot)
        if tied is not None:
            not_before, latest = tied.window(reading, not_before=not_before, received_at=latest)
            was_set = tied.was_set
        answer = rule.happened(
            reading,
            self._contacts_near(operation.boot),
            received_at=latest,
            not_before=not_before,
        )
        return Happened(answer.at, answer.error_s, answer.suspect or was_set)

    def place(
        self, letters: Sequence[Letter], *, not_before: dt.datetime
    ) -> list[tuple[Letter, Happened]]:
        """Say of operations that are not let in when each happened, whatever came before it."""
        self.tie(letters)
        unknown = Happened(self._received_at, 0.0, suspect=True)
        return [
            (letter, self.happened(letter.operation, not_before=not_before))
            if letter.operation is not None
            else (letter, unknown)
            for letter in letters
        ]

    def at_device_time(self, device_at: dt.datetime) -> dt.datetime:
        """Correct a wall-clock instant of the phone by its best offset, at the earliest."""
        best = min(self._contacts_near(self._contacts[0].boot_id), key=_round_trip_s)
        measured = rule.offset(best)
        corrected = device_at.timestamp() + measured.offset_s - measured.error_s
        latest = self._received_at.timestamp()
        return dt.datetime.fromtimestamp(min(max(corrected, 0.0), latest), dt.UTC)

    def late_s(self) -> float:
        """Tell how long the newest request may have been under way; 0 for a punctual one."""
        longest_s = self._contacts[0].round_trip_s
        return longest_s if longest_s > rule.UNDER_WAY_S else 0.0

    def clock_seen(self) -> crews.ClockSeen:
        """Tell how right the phone's wall clock is, and whether it moved since the last contact."""
        newest = self._contacts[0]
        measured = rule.offset(newest)
        was_set = len(self._contacts) > 1 and rule.jumped(self._contacts[1], newest)
        return crews.ClockSeen(-measured.offset_s, measured.error_s, was_set)

    def _contacts_near(self, boot: str) -> Sequence[rule.Contact]:
        """Choose the contacts that can tell best: the latest and quickest of the boot, else all."""
        if boot not in self._near:
            same = [contact for contact in self._contacts if contact.boot_id == boot]
            latest = same[:_SAME_BOOT_CONTACTS]
            quick = sorted(same, key=_round_trip_s)[:_SAME_BOOT_CONTACTS]
            near = [*latest, *(contact for contact in quick if contact not in latest)]
            self._near[boot] = near or self._trusted
        return self._near[boot]


def meet(session: Session, *, act: Act, device: Device, contact: sync.Contact) -> Timeline:
    """Note a contact and give the timeline that it completes.

    A request that came before is known by its clocks: its first coming tells most.
    """
    district_id, device_id, received_at = act.district_id, device.id, act.received_at
    known = store.list_contacts(session, district_id=district_id, device_id=device_id)
    if contact.measured is not None:
        known = [
            _learned(session, each, contact.measured, district_id=district_id, device_id=device_id)
            for each in known
        ]
    came = [each for each in known if _names(each) == (contact.boot, contact.mono_ms)]
    if came:
        others = [each for each in known if each not in came]
        return _timeline(act, device, [*came, *others])
    met = _met(contact, known, received_at=received_at)
    store.keep_contact(session, met, district_id=district_id, device_id=device_id)
    if len(known) >= store.CONTACTS_KEPT:
        store.forget_contacts_before(
            session,
            district_id=district_id,
            device_id=device_id,
            server_at=known[store.CONTACTS_KEPT // 2].server_at,
        )
    return _timeline(act, device, [met, *known])


def overhear(session: Session, *, act: Act, device: Device, contact: sync.Contact) -> Timeline:
    """Give the timeline that a contact completes without noting it: who speaks is not proved."""
    known = store.list_contacts(session, district_id=act.district_id, device_id=device.id)
    return _timeline(act, device, [_met(contact, known, received_at=act.received_at), *known])


def recall(
    session: Session, *, act: Act, device: Device, letters: Sequence[Letter]
) -> list[tuple[Letter, Happened]]:
    """Say when operations happened that came by another way than a contact: from earlier ones.

    Of a device that never spoke nothing is known of its clock: then the present, in doubt.
    """
    known = store.list_contacts(session, district_id=act.district_id, device_id=device.id)
    if not known:
        unknown = Happened(act.received_at, 0.0, suspect=True)
        return [(letter, unknown) for letter in letters]
    return _timeline(act, device, known).place(letters, not_before=device.enrolled_at)


def _timeline(act: Act, device: Device, contacts: Sequence[rule.Contact]) -> Timeline:
    was_copied = device.copied_at is not None
    return Timeline(contacts, received_at=act.received_at, was_copied=was_copied)


def _met(
    contact: sync.Contact,
    known: Sequence[rule.Contact],
    *,
    received_at: dt.datetime,
) -> rule.Contact:
    """Take a contact with the longest that it can have been under way."""
    met = rule.Contact(contact.device_at, contact.mono_ms, contact.boot, received_at, 0.0)
    longest_s = rule.under_way_s(met, known)
    return dataclasses.replace(met, round_trip_s=longest_s)


def _learned(
    session: Session,
    known: rule.Contact,
    measured: sync.Exchange,
    *,
    district_id: str,
    device_id: str,
) -> rule.Contact:
    """Write down how long an earlier exchange took, if it is this one; only the phone can know."""
    if _names(known) != (measured.boot, measured.mono_ms):
        return known
    store.note_round_trip(
        session,
        district_id=district_id,
        device_id=device_id,
        server_at=known.server_at,
        seconds=measured.round_trip_s,
    )
    return dataclasses.replace(known, round_trip_s=measured.round_trip_s)


def _reading(operation: sync.Operation) -> rule.Reading:
    return rule.Reading(operation.at, operation.mono_ms, operation.boot)


def _names(contact: rule.Contact) -> tuple[str, int]:
    """Name a request by the clocks that it was sent at."""
    return contact.boot_id, contact.monotonic_ms


def _round_trip_s(contact: rule.Contact) -> float:
    return contact.round_trip_s
