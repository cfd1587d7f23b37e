"""Writes the reference pages that follow from the code; a test keeps them true.

python -m tests.docs.reference
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pathlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Final

import api
import field_sync
import schemas
from api import manual
from api import settings as server_settings
from schemas.errors import Refused
from tests.docs.written import commands, doors, jobs, operations

FOLDER: Final = pathlib.Path(__file__).parents[2] / "docs" / "reference"
_WRITTEN_BY: Final = "<!-- Written by `python -m tests.docs.reference`; a test keeps it true. -->\n"


def page(name: str) -> str:
    """Write a page, by its file's name."""
    return _WRITERS[name]()


def list_names() -> list[str]:
    """List the pages that are written here."""
    return sorted(_WRITERS)


def import_everything() -> None:
    """Import every module, so that every refusal is in the catalogue."""
    for package in (schemas, api, field_sync):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith("__main__") and ".migrations" not in module.name:
                importlib.import_module(module.name)


def _refusals() -> str:
    """List every refusal: code, status, both sentences, what becomes of an operation, advice."""
    import_everything()
    lines = [
        "# Refusals",
        "",
        _WRITTEN_BY,
        "Whatever the server or the handheld will not do, it says with one of these codes.",
        "Codes never change meaning; the words may.",
        "A running server shows the same list at `/refusals`.",
        "",
    ]
    for code, refused in sorted(_of_the_project().items()):
        lines += [
            f"## `{code}` {{ #{code} }}",
            "",
            f"HTTP {refused.status}; a pushed operation becomes *{refused.outcome}*.",
            "",
            f"> {refused.en}",
            ">",
            f"> {refused.zh}",
            "",
            manual.advice(refused),
            "",
        ]
    return "\n".join(lines)


def _of_the_project() -> dict[str, type[Refused]]:
    """Leave out what tests define."""
    return {
        code: refused
        for code, refused in Refused.catalogue.items()
        if not refused.__module__.startswith("tests")
    }


def _settings() -> str:
    """List every setting with its default and its meaning."""
    lines = [
        "# Settings",
        "",
        _WRITTEN_BY,
        inspect.cleandoc(server_settings.__doc__ or "").splitlines()[0],
        "Set them in the environment; `lamplighter settings` shows the present values.",
        "",
        "| Setting | Default | Meaning |",
        "|---|---|---|",
    ]
    for field in dataclasses.fields(server_settings.Settings):
        name = server_settings.PREFIX + field.name.upper()
        lines.append(f"| `{name}` | `{field.default}` | {field.metadata['text']} |")
    return "\n".join([*lines, ""])


_WRITERS: Final[Mapping[str, Callable[[], str]]] = {
    "api.md": lambda: doors.page(_WRITTEN_BY),
    "cli.md": lambda: commands.page(_WRITTEN_BY),
    "jobs.md": lambda: jobs.page(_WRITTEN_BY),
    "operations.md": lambda: operations.page(_WRITTEN_BY),
    "refusals.md": _refusals,
    "settings.md": _settings,
}

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for each in list_names():
        (FOLDER / each).write_text(page(each), encoding="utf-8")
