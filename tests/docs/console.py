"""Run the console blocks of a page, in their order and in one shell, as a reader would.

A line that starts with `$ ` is a command; a backslash at its end continues it, and so does `> ` at
the start of the next line.
The lines after it are what it prints, where `...` stands for anything, and alone on a line for any
lines.
A command must succeed, unless the page goes on with `$ echo $?`.
Commands that only stand for something else (`make run`) are not run; `ELSEWHERE` names them.
"""

from __future__ import annotations

import dataclasses
import pathlib
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tests.docs.pages import Block

ELSEWHERE: Final = ("make ", "git clone ", "cd lamplighter", ".venv/bin/pytest ")
"""A live server stands for `make run`; the rest is proved by tests of its own."""
TIMEOUT_S: Final = 240
_MARK: Final = "\x1e"
_STATUS: Final = "echo $?"


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """A command of a page and the lines that the page says it prints."""

    where: str
    text: str
    says: tuple[str, ...]

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether it is not run here."""
        return self.text.startswith(ELSEWHERE)


@dataclasses.dataclass(frozen=True, slots=True)
class Ran:
    """A command that was run: what it printed, and its exit code."""

    command: Command
    printed: str
    code: int


def commands(found: Iterable[Block]) -> list[Command]:
    """List the commands of console blocks."""
    return [command for block in found for command in _commands_of(block)]


def run(asked: Iterable[Command], *, folder: pathlib.Path, env: Mapping[str, str]) -> list[Ran]:
    """Run commands one after the other in one shell.

    Args:
        asked: the commands.
        folder: where the shell stands.
        env: its variables.
    """
    here = [command for command in asked if not command.is_elsewhere]
    script = "".join(
        f"{command.text}\n__code=$?; printf '\\n{_MARK}%d{_MARK}' $__code; (exit $__code)\n"
        for command in here
    )
    done = subprocess.run(
        ["/bin/bash"],
        input=script,
        cwd=folder,
        env=dict(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT_S,
        check=False,
        encoding="utf-8",
    )
    parts = done.stdout.split(_MARK)
    assert len(parts) == 2 * len(here) + 1, f"the shell stopped early:\n{done.stdout}"
    return [
        Ran(command, printed, int(code))
        for command, printed, code in zip(here, parts[::2], parts[1::2], strict=False)
    ]


def untrue(ran: list[Ran]) -> Iterator[str]:
    """Say which commands did not do what the page says."""
    for number, each in enumerate(ran):
        after = ran[number + 1].command.text if number + 1 < len(ran) else ""
        told = f"{each.command.where}: $ {each.command.text}\n{each.printed}"
        if each.code != 0 and after != _STATUS:
            yield f"exit code {each.code}\n{told}"
        elif each.command.says and not _matches(each.command.says, each.printed):
            yield "it does not print what the page says\n" + told


def _commands_of(block: Block) -> Iterator[Command]:
    lines = block.text.splitlines()
    number = 0
    while number < len(lines):
        where = f"{block.name}"
        assert lines[number].startswith("$ "), f"{where}: {lines[number]!r} belongs to no command"
        text = [lines[number][2:]]
        number += 1
        while number < len(lines) and (text[-1].endswith("\\") or lines[number].startswith("> ")):
            text.append(lines[number].removeprefix("> "))
            number += 1
        says: list[str] = []
        while number < len(lines) and not lines[number].startswith("$ "):
            says.append(lines[number])
            number += 1
        yield Command(where, "\n".join(text), tuple(line for line in says if line.strip()))


def _matches(says: Iterable[str], printed: str) -> bool:
    """Hold what the page says against what was printed; blank lines and indents do not count."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else _line_pattern(line) for line in says
    )
    lines = [_plain(line) for line in printed.splitlines() if line.strip()]
    return re.fullmatch(pattern, "".join(line + "\n" for line in lines)) is not None


def _line_pattern(line: str) -> str:
    return ".*".join(re.escape(part) for part in _plain(line).split("...")) + "\n"


def _plain(line: str) -> str:
    return " ".join(line.split())
