"""A person at the prompt of a handheld."""

from __future__ import annotations

import pathlib

import httpx
from click.testing import CliRunner, Result

from field_sync.cli import main
from field_sync.cli.program import World
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Network
from field_sync.testing.server import ADDRESS, LOGIN, PASSWORD
from field_sync.transport import Transport


class Prompt:
    """A person at the prompt of one handheld."""

    def __init__(self, home: pathlib.Path, network: Network, edge: HandEdge) -> None:
        self._home = home
        self._world = World(
            edge=edge,
            connect=lambda address: Transport(httpx.Client(transport=network, base_url=address)),
            pause=lambda wait_s: edge.advance(seconds=wait_s),
        )

    def __call__(self, *arguments: str, lang: str = "en", typed: str | None = None) -> Result:
        return CliRunner(env={"COLUMNS": "140"}).invoke(
            main,
            ["--home", str(self._home), "--lang", lang, *arguments],
            obj=self._world,
            input=typed,
            catch_exceptions=False,
        )


def enrol(prompt: Prompt, *, password: str = PASSWORD) -> Result:
    """Enrol with the login of the server in memory."""
    return prompt(
        "enrol", "--server", ADDRESS, "--login", LOGIN, "--password", "-", typed=password + "\n"
    )
