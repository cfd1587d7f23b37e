"""Writes the page of both commands, from what they say of themselves."""

from __future__ import annotations

from collections.abc import Iterator

import click

from api.cli import main as lamplighter
from field_sync.cli.program import program as field_sync
from tests.docs import written


def page(note: str) -> str:
    """Write the page.

    Args:
        note: the line that says where the page comes from.
    """
    return written.filled(
        "cli.md",
        note=[note],
        lamplighter=_of("lamplighter", lamplighter),
        field_sync=_of("field-sync", field_sync),
    )


def _of(name: str, group: click.Group) -> list[str]:
    lines = [*_options(group), ""]
    for path, command in _beneath(name, group):
        lines += [f"### `{_usage(path, command)}`", "", _help(command), ""]
        lines += [*_options(command), ""]
    return list(_single_spaced(lines))


def _beneath(name: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    """Walk the commands of a group, and of the groups in it."""
    for sub, command in sorted(group.commands.items()):
        yield f"{name} {sub}", command
        if isinstance(command, click.Group):
            yield from _beneath(f"{name} {sub}", command)


def _usage(path: str, command: click.Command) -> str:
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    more = ["COMMAND"] if isinstance(command, click.Group) else []
    return " ".join([path, *(_argument(each) for each in arguments), *more])


def _argument(argument: click.Argument) -> str:
    name = (argument.name or "").upper()
    return name if argument.required else f"[{name}]"


def _help(command: click.Command) -> str:
    return " ".join((command.help or "").split())


def _options(command: click.Command) -> list[str]:
    options = [each for each in command.params if isinstance(each, click.Option)]
    if not options:
        return []
    rows = [f"| `{_shown(each)}` | {_about(each)} |" for each in options]
    return ["| Option | Meaning |", "|---|---|", *rows]


def _shown(option: click.Option) -> str:
    name = ", ".join(option.opts)
    if option.is_flag:
        return name
    if isinstance(option.type, click.Choice):
        return f"{name} {' or '.join(option.type.choices)}"
    return f"{name} {option.metavar or option.type.name.upper()}"


def _about(option: click.Option) -> str:
    told = option.help or ""
    if option.required:
        told += " Required."
    if isinstance(option.default, str | int) and option.default and not option.is_flag:
        told += f" By default `{option.default}`."
    return told.strip()


def _single_spaced(lines: list[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line
