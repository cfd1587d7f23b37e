"""The program itself: what every command is given, and how a refusal leaves it."""

from __future__ import annotations

import dataclasses
import pathlib
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import click
import rich.console

from field_sync import errors, settings, transport, words
from field_sync.clock import Edge, Machine
from field_sync.store import outbox
from field_sync.store.connection import Store, open_store
from field_sync.store.outbox import Entry
from field_sync.words import Lang
from schemas.errors import FieldValue, Refused

EXIT_REFUSED: Final = 1
EXIT_NO_SIGNAL: Final = 3
EXIT_SIGNED_OUT: Final = 4


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """What the program stands on; tests give one with clocks and a network of their own."""

    edge: Edge = dataclasses.field(default_factory=Machine)
    connect: Callable[[str], transport.Transport] = transport.connect
    pause: Callable[[float], None] = time.sleep


@dataclasses.dataclass(slots=True)
class Handheld:
    """One run of the program: its settings, its store (opened when first asked for), its words."""

    world: World
    settings: settings.Settings
    console: rich.console.Console
    _store: Store | None = None

    @property
    def store(self) -> Store:
        """Open the store."""
        if self._store is None:
            self._store = open_store(self.settings.home)
        return self._store

    @property
    def edge(self) -> Edge:
        """Give the clocks and chance."""
        return self.world.edge

    @property
    def lang(self) -> Lang:
        """Give the language."""
        return self.settings.lang

    def word(self, key: str, **fields: object) -> str:
        """Find the words for a thing."""
        return words.say(self.lang, key, **fields)

    def say(self, key: str, **fields: object) -> None:
        """Say a sentence."""
        self.console.print(self.word(key, **fields), highlight=False, markup=False, soft_wrap=True)

    def saved(self, entry: Entry) -> None:
        """Say that an act is kept."""
        self.say("saved", n=entry.n, waiting=outbox.count_waiting(self.store))

    def close(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            self._store.close()


class Program(click.Group):
    """A group whose commands may refuse: the sentence is said, and the exit code tells the kind."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run a command; a refusal is said, never traced."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            lang = ctx.obj.lang if isinstance(ctx.obj, Handheld) else _lang_asked(ctx)
            click.echo(sentence(refused, lang), err=True)
            ctx.exit(_exit_code(refused))


def sentence(refused: Refused, lang: Lang) -> str:
    """Say a refusal in a language, its trade words too."""
    trade: dict[str, FieldValue] = {
        name: words.trade(lang, str(refused.fields[name]))
        for name in ("what", "state", "step", "possible", "fault")
        if name in refused.fields
    }
    told = type(refused)(**{**refused.fields, **trade}).words
    return told.zh if lang is Lang.ZH else told.en


def pick(ids: Iterable[str], text: str, *, what: str) -> str:
    """Find the one id that is meant: it may be shortened to its last letters.

    Raises:
        NotOnPhone: none ends so, or more than one does.
    """
    known = list(ids)
    if text in known:
        return text
    meant = [each for each in known if each.endswith(text.lower())]
    if len(meant) != 1:
        raise errors.NotOnPhone(what=what, id=text)
    return meant[0]


def short(id: str) -> str:  # noqa: A002 - the wire's word
    """Shorten an id to what is shown; `pick` finds it again."""
    return id[-6:]


@click.group(cls=Program)
@click.option("--home", type=click.Path(path_type=pathlib.Path), help="Folder of the store.")
@click.option("--lang", type=click.Choice([lang.value for lang in Lang]), help="Language.")
@click.version_option(package_name="lamplighter")
@click.pass_context
def program(ctx: click.Context, home: pathlib.Path | None, lang: str | None) -> None:
    """Work with a handheld: fetch work, do it without signal, send it when there is some."""
    world = ctx.obj if isinstance(ctx.obj, World) else World()
    chosen = settings.of_process(home=home, lang=lang)
    handheld = Handheld(world, chosen, rich.console.Console())
    ctx.obj = handheld
    ctx.call_on_close(handheld.close)


def _lang_asked(ctx: click.Context) -> Lang:
    """Tell the language before the settings are known."""
    return Lang.ZH if ctx.params.get("lang") == Lang.ZH else Lang.EN


def _exit_code(refused: Refused) -> int:
    match refused:
        case errors.NoSignal() | errors.AnswerUnreadable():
            return EXIT_NO_SIGNAL
        case errors.SignedOut() | errors.Wiped() | errors.Revoked() | errors.TokenRefused():
            return EXIT_SIGNED_OUT
        case _:
            return EXIT_REFUSED
