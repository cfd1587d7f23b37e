"""What the pages name exists: doors, commands, settings, files; and every page can be found."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import click
import flask
import pytest

from api.cli import main as lamplighter
from api.settings import PREFIX, Settings
from field_sync.cli.program import program as field_sync
from field_sync.settings import PREFIX as HANDHELD_PREFIX
from schemas.evidence import FILE_BYTES_MAX
from tests.docs import console, pages

PAGES = pages.list_pages()
BY_NAME = {"lamplighter": lamplighter, "field-sync": field_sync}
DOOR = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (/[^\s?]*)(?:\?(\S*))?")
FOLDERS = ("api/", "field_sync/", "schemas/", "tests/", "bench/", "docs/", ".ci/")
TO_BE_MADE = re.compile(r"hazards|voltage")
"""Files that a how-to tells the reader to make."""
PLAIN = {"/", "/app/", "/docs/", "/openapi.json", "/refusals", "/health", "/ready", "/metrics"}


@pytest.fixture(scope="module")
def known(doors: flask.Flask) -> dict[tuple[str, str], set[str]]:
    """List the doors of OpenAPI, as (method, path), with the names of their queries."""
    document = doors.test_client().get("/openapi.json").get_json()
    return {
        (method.upper(), path): {each["name"] for each in door.get("parameters", ())}
        for path, ways in document["paths"].items()
        for method, door in ways.items()
        if method != "parameters"
    }


@pytest.mark.parametrize("page", PAGES, ids=pages.name_of)
def test_every_door_that_a_page_names_is_there(
    page: pathlib.Path, known: dict[tuple[str, str], set[str]]
) -> None:
    for method, path, query in _doors(page):
        assert path in PLAIN or (method, path) in known, f"{method} {path}"
        asked = {each.partition("=")[0] for each in query.split("&") if each}
        assert asked <= known.get((method, path), set()), f"{method} {path}?{query}"


@pytest.mark.parametrize("page", PAGES, ids=pages.name_of)
def test_every_command_that_a_page_names_is_there(page: pathlib.Path) -> None:
    asked = [command.text for command in _commands(page)]
    for text in (*pages.spans(page), *asked):
        name, *words = text.split()
        if name in BY_NAME:
            _walk(BY_NAME[name], words)


@pytest.mark.parametrize("page", PAGES, ids=pages.name_of)
def test_every_make_target_that_a_page_names_is_there(page: pathlib.Path) -> None:
    asked = {command.text for command in _commands(page)} | set(pages.spans(page))
    targets = re.findall(r"^([a-z-]+):", (pages.ROOT / "Makefile").read_text(), re.MULTILINE)
    named = {text.split()[1] for text in asked if re.match(r"make \w", text)}
    assert named <= set(targets)


@pytest.mark.parametrize("page", PAGES, ids=pages.name_of)
def test_every_setting_that_a_page_names_is_one(page: pathlib.Path) -> None:
    text = page.read_text(encoding="utf-8")
    names = {f"{PREFIX}{name.upper()}" for name in Settings.__dataclass_fields__}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", text)) <= names
    handheld = {f"{HANDHELD_PREFIX}HOME", f"{HANDHELD_PREFIX}LANG"}
    assert set(re.findall(rf"{HANDHELD_PREFIX}[A-Z]+", text)) <= handheld


@pytest.mark.parametrize("page", PAGES, ids=pages.name_of)
def test_every_file_that_a_page_names_is_there(page: pathlib.Path) -> None:
    spans = (text.partition("::")[0] for text in pages.spans(page))  # a test is named in its file
    named = [text for text in spans if text.startswith(FOLDERS) and " " not in text]
    missing = [text for text in named if not any(pages.ROOT.glob(text))]
    assert [text for text in missing if not TO_BE_MADE.search(text)] == []


def test_a_proxy_lets_the_largest_file_pass() -> None:
    (limit,) = re.findall(
        r"client_max_body_size (\d+)m;", (pages.DOCS / "how-to" / "operate.md").read_text()
    )
    assert int(limit) * 1_000_000 >= FILE_BYTES_MAX


def test_every_page_stands_in_the_navigation() -> None:
    nav = (pages.ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"[\w./-]+\.md", nav))
    written = {page.relative_to(pages.DOCS).as_posix() for page in pages.DOCS.rglob("*.md")}
    assert written == listed, "name it under `nav` in mkdocs.yml"


def test_no_page_names_a_machine_or_an_index_of_packages() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"/work/|/root/|index-url|pypi\.org", text), pages.name_of(page)


def _doors(page: pathlib.Path) -> Iterator[tuple[str, str, str]]:
    for text in pages.spans(page):
        found = DOOR.fullmatch(text)
        if found is not None:
            yield found[1], found[2], found[3] or ""


def _commands(page: pathlib.Path) -> list[console.Command]:
    return console.commands(block for block in pages.blocks(page) if block.language == "console")


def _walk(group: click.Command, words: list[str]) -> None:
    """Follow the words of a command line down to its command, and look its options up."""
    command = group
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-") and word != "COMMAND":
            assert word in command.commands, f"{command.name} {word}"
            command = command.commands[word]
    known = {name for each in command.params for name in each.opts} | {"--help"}
    known |= {name for each in group.params for name in each.opts}
    options = {word for word in words if re.fullmatch(r"--[a-z-]+", word)}
    assert options <= known, f"{command.name}: {options - known}"
