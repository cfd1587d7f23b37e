"""Whose handheld this is: enrolling it once, and signing in again when a session has ended."""

from __future__ import annotations

import dataclasses
from typing import Final

from field_sync import errors, exchange, ids
from field_sync.clock import Edge
from field_sync.exchange import APP
from field_sync.keys import FileKeys, KeyStore
from field_sync.proofs import Prover
from field_sync.store import settings
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from field_sync.transport import Transport
from schemas.base import rfc3339
from schemas.crews import Enrolled, Enrolment, SignIn, Tokens

_NOT_FOUND: Final = "not-found"
_BOUND: Final = "DPoP"


@dataclasses.dataclass(frozen=True, slots=True)
class Login:
    """What a person signs in with."""

    login: str
    password: str = dataclasses.field(repr=False)


def enrol(
    store: Store,
    line: Transport,
    edge: Edge,
    *,
    server: str,
    login: Login,
    name: str,
    keys: KeyStore | None = None,
) -> None:
    """Make this handheld a person's; begun anew after a lost answer, it is the same device.

    Args:
        store: the handheld's store.
        line: the wire to the server.
        edge: the handheld's clocks and chance.
        server: the server's address, to be kept.
        login: who enrols it.
        name: what the office shall call it.
        keys: where the device's key lives; by default in a file of the handheld's folder.

    Raises:
        AlreadyEnrolled: it is somebody's.
        Wiped: the office has revoked it.
        ServerRefused: login or password is wrong, or the person may not.
        NoSignal: no answer came.
        DiskFull: the device's key could not be kept.
        KeyUnreadable: there is a key already, and it cannot be read.
    """
    _require_not_wiped(store)
    device_id = settings.find(store, Name.DEVICE)
    if device_id is not None:
        raise errors.AlreadyEnrolled(device=device_id)
    new_id = settings.find(store, Name.ENROLLING)
    if new_id is None:
        new_id = ids.new_id(edge)
        with store.writing():
            settings.put(store, Name.ENROLLING, new_id)
    held = keys or FileKeys(store.home)
    asked = Enrolment(id=new_id, name=name, app=APP, key=held.make(edge))
    enrolled = _enrolled(line.proving(Prover(held, edge)), login=login, asked=asked)
    with store.writing():
        settings.put(store, Name.SERVER, server)
        settings.put(store, Name.DEVICE, enrolled.device_id)
        settings.put(store, Name.DISTRICT, enrolled.district_id)
        settings.put(store, Name.NAME, name)
        settings.put(store, Name.ENROLLED_AT, rfc3339(edge.moment().wall))
        settings.drop(store, Name.ENROLLING)
        exchange.keep_tokens(store, enrolled.tokens)


def sign_in(
    store: Store,
    line: Transport,
    edge: Edge,
    *,
    login: Login,
    keys: KeyStore | None = None,
    new_key: bool = False,
) -> None:
    """Sign in again on an enrolled handheld.

    A server that was put back from a backup older than the enrolment does not know the device:
    then it is enrolled anew under its own id and key, and what it keeps is told again.
    A handheld that has lost its key, or is to have another, gets one where the office has allowed
    it; begun anew after a lost answer, it is the same one.

    Args:
        store: the handheld's store.
        line: the wire to the server.
        edge: the handheld's clocks and chance.
        login: whose it is.
        keys: where the device's key lives; by default in a file of the handheld's folder.
        new_key: whether another key shall take the place of the one that it has.

    Raises:
        NotEnrolled: it belongs to nobody yet.
        Wiped: the office has revoked it; by now it has forgotten what the server said.
        ServerRefused: login or password is wrong, the device is another person's, or the office
            has not allowed another key.
        NoSignal: no answer came.
        DiskFull: the device's key could not be kept.
        KeyUnreadable: there is a key, and it cannot be read.
    """
    _require_not_wiped(store)
    device_id = settings.find(store, Name.DEVICE)
    if device_id is None:
        raise errors.NotEnrolled
    held = keys or FileKeys(store.home)
    name = settings.find(store, Name.NAME) or login.login
    handheld = _Handheld(line, edge, held, login, device_id, name)
    try:
        tokens = handheld.change_key() if new_key or held.is_changing else handheld.sign_in()
    except errors.Revoked as revoked:
        notice = str(revoked.fields.get("notice_zh", ""))
        with store.writing():
            exchange.wipe(store, notice=notice)
        raise errors.Wiped(notice=notice) from revoked
    with store.writing():
        exchange.keep_tokens(store, tokens)


@dataclasses.dataclass(frozen=True, slots=True)
class _Handheld:
    """An enrolled handheld whose person signs in again."""

    line: Transport
    edge: Edge
    keys: KeyStore
    login: Login
    device_id: str
    name: str

    def sign_in(self) -> Tokens:
        """Sign in with the key that it has; where the server does not know it, enrol it anew."""
        proving = self.line.proving(Prover(self.keys, self.edge))
        try:
            tokens = proving.sign_in(
                SignIn(
                    login=self.login.login, password=self.login.password, device_id=self.device_id
                )
            )
        except errors.ServerRefused as refused:
            if refused.fields.get("server_code") != _NOT_FOUND:
                raise
            return self._enrol(self.keys)
        if tokens.token_type == _BOUND and self.keys.find() is None:
            return self.change_key()
        return tokens

    def change_key(self) -> Tokens:
        """Enrol it under its own id with its next key, and put that in the old one's place."""
        tokens = self._enrol(self.keys.next(self.edge))
        self.keys.change()
        return tokens

    def _enrol(self, keys: KeyStore) -> Tokens:
        asked = Enrolment(id=self.device_id, name=self.name, app=APP, key=keys.make(self.edge))
        proving = self.line.proving(Prover(keys, self.edge))
        return _enrolled(proving, login=self.login, asked=asked).tokens


def _enrolled(line: Transport, *, login: Login, asked: Enrolment) -> Enrolled:
    """Enrol a device as its person, who signs in for it."""
    person = line.sign_in(SignIn(login=login.login, password=login.password))
    return line.enrol(asked, token=person.access_token)


def _require_not_wiped(store: Store) -> None:
    notice = settings.find(store, Name.WIPED)
    if notice is not None:
        raise errors.Wiped(notice=notice)
