"""A round of sync: run the protocol's actions on the store and the wire, one after the other.

What the server says is in the store before the protocol hears of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Final

from field_sync import errors, exchange, last_words, proofs, protocol, standing, transport, upload
from field_sync.clock import Edge, Moment
from field_sync.conversation import (
    Acknowledged,
    Action,
    Answered,
    Ask,
    Asked,
    CursorRefused,
    Event,
    FileSettled,
    ForgetCursor,
    LastWordsHeard,
    Lost,
    Phase,
    Pull,
    Push,
    Rebase,
    Rebased,
    Renew,
    Renewed,
    RequestRefused,
    Revoked,
    SayLast,
    SendFile,
    SignOut,
    State,
    TokenRefused,
    Wipe,
)
from field_sync.keys import FileKeys, KeyStore
from field_sync.store import chain, connection, records, settings, uploads
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from schemas.crews import Refresh
from schemas.errors import Refused
from schemas.places import Fix
from schemas.rules.operation_chain import Head
from schemas.sync import SyncAnswer, SyncRequest

STEPS_MAX: Final = 10_000
"""Actions of one round; far beyond any day's work."""
_CURSOR_UNKNOWN: Final = "cursor-unknown"
_TOO_LARGE: Final = "too-large"
_TOO_MANY_UPLOADS: Final = "too-many-uploads"
_SIGNED_OUT_STATUSES: Final = frozenset({401, 403})
_SPREAD_BYTES: Final = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far a round has come; files in bytes of the one that is on its way."""

    phase: Phase
    operations: int
    files: int
    file_bytes: int = 0
    file_bytes_max: int = 0


Watch = Callable[[Progress], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Round:
    """What came of a round.

    Attributes:
        state: where the conversation stands.
        refused: why it did not end well, in words; None when it did.
    """

    state: State
    refused: Refused | None


def sync_now(
    store: Store,
    line: transport.Transport,
    edge: Edge,
    *,
    fix: Fix | None = None,
    watch: Watch = lambda _: None,
    keys: KeyStore | None = None,
) -> Round:
    """Have one round with the server, as far as the signal lets it go.

    Args:
        store: the handheld's store.
        line: the wire to the server.
        edge: the handheld's clocks and chance.
        fix: where the handheld is, if the office may know.
        watch: hears how far the round has come.
        keys: where the device's key lives; by default in a file of the handheld's folder.

    Raises:
        NotEnrolled: this handheld belongs to nobody yet.
        StoreBusy: another program has a round under way.
        DiskFull: what the server said could not be kept; nothing of it was.
    """
    asked = Asked(exchange.work(store))
    return go_on(
        store,
        line,
        edge,
        state=standing.take_up(store),
        event=asked,
        fix=fix,
        watch=watch,
        keys=keys,
    )


def go_on(
    store: Store,
    line: transport.Transport,
    edge: Edge,
    *,
    state: State,
    event: Event,
    fix: Fix | None = None,
    watch: Watch = lambda _: None,
    keys: KeyStore | None = None,
) -> Round:
    """Go on from a state: what `sync_now` does, for a program that keeps the state between rounds.

    Raises:
        NotEnrolled: this handheld belongs to nobody yet.
        StoreBusy: another program has a round under way.
        DiskFull: what the server said could not be kept; nothing of it was.
    """
    if settings.find(store, Name.DEVICE) is None:
        raise errors.NotEnrolled
    with connection.alone(store, purpose="sync"):
        held = keys or FileKeys(store.home)
        return _Runner(store, line, edge, fix=fix, watch=watch, keys=held).run(state, event)


class _Runner:
    """One round under way: the state, and the last thing that went wrong."""

    def __init__(
        self,
        store: Store,
        line: transport.Transport,
        edge: Edge,
        *,
        fix: Fix | None,
        watch: Watch,
        keys: KeyStore,
    ) -> None:
        self._store = store
        self._line = line.proving(proofs.Prover(keys, edge))
        self._edge = edge
        self._fix = fix
        self._watch = watch
        self._keys = keys
        self._refused: Refused | None = None
        self._upload_token: str | None = None

    def run(self, state: State, event: Event) -> Round:
        """Go on from an event until nothing is left to do."""
        for _ in range(STEPS_MAX):
            state, actions = protocol.step(state, event)
            if state.phase is Phase.IDLE:
                self._refused = None
            if not actions:
                break
            answer = self._do(state, actions)
            if answer is None:
                break
            event = answer
        return Round(state, standing.refusal(self._store, state) or self._refused)

    def _do(self, state: State, actions: tuple[Action, ...]) -> Event | None:
        """Do the actions; the last one tells what happened."""
        happened = None
        for action in actions:
            self._watch(self._progress(state))
            happened = self._try(action)
        return happened

    def _try(self, action: Action) -> Event | None:
        try:
            return _DO[type(action)](self, action)
        except Refused as refused:
            if isinstance(refused, errors.DiskFull | errors.StoreBusy):
                raise
            self._refused = refused
            return self._failed(refused)

    def _failed(self, refused: Refused) -> Event:
        """Say in the protocol's words what went wrong."""
        now = self._edge.moment().wall
        match refused:
            case errors.TokenRefused():
                return TokenRefused()
            case errors.Revoked():
                return Revoked(str(refused.fields.get("notice_zh", "")))
            case errors.NoSignal():
                return Lost(now, self._spread(), refused.retry_after_s)
            case errors.AnswerUnreadable():
                return Lost(now, self._spread())
            case errors.ServerRefused() if refused.fields.get("server_code") == _CURSOR_UNKNOWN:
                return CursorRefused()
            case _:
                return RequestRefused(now)

    def _spread(self) -> float:
        return int.from_bytes(self._edge.entropy(_SPREAD_BYTES)) / 256**_SPREAD_BYTES

    def _progress(self, state: State) -> Progress:
        work = exchange.work(self._store)
        return Progress(state.phase, work.operations, work.files)

    def ask(self, _: Action) -> Event:
        """Learn how far the server has settled, and what became of that."""
        known = settings.find_number(self._store, Name.SETTLED_THROUGH)
        told = self._line.acknowledged(after=known, token=self._token())
        with self._store.writing():
            fork = exchange.compare(self._store, asked_after=known, told=told)
        return Acknowledged(exchange.work(self._store), fork)

    def rebase(self, action: Action) -> Event:
        """Give what waits new numbers, behind the server's last operation."""
        assert isinstance(action, Rebase)
        fork = action.fork
        with self._store.writing():
            chain.rebase(self._store, head=Head(fork.n, fork.sha256), after=fork.after)
        return Rebased(exchange.work(self._store))

    def converse(self, action: Action) -> Event:
        """Push a batch, or none, and take in what the answer says."""
        pushed = exchange.batch(self._store) if isinstance(action, Push) else []
        sent = self._edge.moment()
        asked = exchange.request(
            self._store, pushed=pushed, sent=sent, fix=self._fix, keys=self._keys
        )
        token = self._token()
        if pushed:
            with self._store.writing():
                settings.put(self._store, Name.SENT_THROUGH, pushed[-1].n)
        answer = self._speak(asked, sent=sent, token=token)
        heard = self._edge.moment()
        if answer.wipe:
            return Revoked(answer.notice)
        with self._store.writing():
            taken = exchange.take_in(
                self._store, asked=asked, pushed=pushed, answer=answer, sent=sent, heard=heard
            )
        return Answered(
            now=heard.wall,
            work=exchange.work(self._store),
            more=answer.more,
            moved=taken.moved,
            next_in_s=answer.next_in_s,
            diverged=taken.diverged,
        )

    def _speak(self, asked: SyncRequest, *, sent: Moment, token: str) -> SyncAnswer:
        """Send a request; when its size, or its answer's, may be why it fails, less is tried."""
        count = len(asked.operations)
        try:
            return self._line.sync(asked, token=token)
        except errors.AnswerUnreadable:
            self._ask_less()
            raise
        except errors.NoSignal as refused:
            if isinstance(refused, errors.AnswerCut):
                self._ask_less()
            if count and refused.retry_after_s is None:
                took_s = max(self._edge.moment().mono_ms - sent.mono_ms, 0) / 1000
                with self._store.writing():
                    exchange.after_silence(self._store, sent=count, took_s=took_s)
            raise
        except errors.ServerRefused as refused:
            if count > 1 and refused.fields.get("server_code") == _TOO_LARGE:
                with self._store.writing():
                    exchange.after_too_large(self._store, sent=count)
                raise errors.NoSignal from refused
            raise

    def _ask_less(self) -> None:
        with self._store.writing():
            exchange.ask_less(self._store)

    def send_file(self, _: Action) -> Event:
        """Send the next file."""
        file = exchange.next_file(self._store)
        if file is None:
            return FileSettled(exchange.allowed(self._store))
        work = exchange.work(self._store)

        def told(sent_bytes: int, bytes_max: int) -> None:
            at = Progress(Phase.UPLOADING, work.operations, work.files, sent_bytes, bytes_max)
            self._watch(at)

        state, code = uploads.State.ARRIVED, ""
        try:
            upload.send(self._store, self._line, file=file, token=self._token(), told=told)
        except (errors.ServerRefused, errors.NotAFile) as refused:
            if refused.fields.get("server_code") == _TOO_MANY_UPLOADS:
                raise
            state, code = (
                uploads.State.REFUSED,
                str(refused.fields.get("server_code", refused.code)),
            )
        with self._store.writing():
            uploads.settle(self._store, sha256=file.sha256, state=state, code=code)
        return FileSettled(exchange.allowed(self._store))

    def renew(self, _: Action) -> Event:
        """Exchange the refresh token."""
        token = settings.find(self._store, Name.REFRESH_TOKEN)
        if token is None:
            return TokenRefused()
        try:
            tokens = self._line.refresh(
                Refresh(refresh_token=token, device_id=settings.find(self._store, Name.DEVICE))
            )
        except errors.ServerRefused as refused:
            if refused.fields.get("server_status") not in _SIGNED_OUT_STATUSES:
                raise
            return TokenRefused()
        with self._store.writing():
            exchange.keep_tokens(self._store, tokens)
        return Renewed(exchange.work(self._store))

    def forget_cursor(self, _: Action) -> None:
        """Ask for everything afresh from now on."""
        with self._store.writing():
            records.forget_cursor(self._store)

    def sign_out(self, _: Action) -> None:
        """Remember that somebody must sign in again."""
        with self._store.writing():
            settings.put(self._store, Name.SIGNED_OUT, "yes")

    def wipe(self, action: Action) -> None:
        """Forget what the server said; keep what the crew did."""
        assert isinstance(action, Wipe)
        with self._store.writing():
            exchange.wipe(self._store, notice=action.notice)

    def say_last(self, _: Action) -> Event:
        """Say what was not sent, and forget what the office keeps."""
        token, left = last_words.say(self._store, self._line, self._edge, keys=self._keys)
        self._upload_token = token
        return LastWordsHeard(left)

    def _token(self) -> str:
        if self._upload_token is not None:
            return self._upload_token
        token = settings.find(self._store, Name.ACCESS_TOKEN)
        if token is None:
            raise errors.TokenRefused
        return token


_DO: Final[Mapping[type[Action], Callable[[_Runner, Action], Event | None]]] = {
    Ask: _Runner.ask,
    Rebase: _Runner.rebase,
    Push: _Runner.converse,
    Pull: _Runner.converse,
    SendFile: _Runner.send_file,
    Renew: _Runner.renew,
    ForgetCursor: _Runner.forget_cursor,
    SignOut: _Runner.sign_out,
    Wipe: _Runner.wipe,
    SayLast: _Runner.say_last,
}
