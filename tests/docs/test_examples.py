"""The examples of the documentation, run: commands against a real server, code and data as code."""

from __future__ import annotations

import ast
import json
import pathlib
import tomllib
from collections.abc import Iterator

import pytest

from tests.docs import console, live, pages

WRITTEN = "http://127.0.0.1:8000"
ALL = [block for page in pages.list_pages() for block in pages.blocks(page)]
SHELLS = sorted({block.page for block in ALL if block.language == "console"})
PYTHON = sorted({block.page for block in ALL if block.language == "python"})
SKETCH = "compiled only"
NAMED = "named "


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[live.Live]:
    """Serve the demo district once for all pages."""
    with live.serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("page", SHELLS, ids=pages.name_of)
def test_the_commands_of_a_page_do_what_it_says(
    page: pathlib.Path, server: live.Live, tmp_path: pathlib.Path
) -> None:
    found = [block for block in ALL if block.page == page and block.language == "console"]
    asked = [
        console.Command(each.where, each.text.replace(WRITTEN, server.address), each.says)
        for each in console.commands(found)
    ]
    ran = console.run(asked, folder=tmp_path, env=server.env(tmp_path))
    lies = list(console.untrue(ran))
    assert not lies, "\n\n".join(lies)


def test_every_block_says_what_it_is() -> None:
    known = {"console", "python", "json", "geojson", "csv", "toml", "nginx", "ini", "text"}
    strange = [block.name for block in ALL if block.language not in known]
    assert not strange, "name the language, so that it is clear how the example is proved"


@pytest.mark.parametrize("page", PYTHON, ids=pages.name_of)
def test_the_python_of_a_page_runs(page: pathlib.Path) -> None:
    space: dict[str, object] = {"__name__": f"tests.docs.{page.stem.replace('-', '_')}"}
    for block in ALL:
        if block.page != page or block.language == "console":
            continue
        if block.remark.startswith(NAMED):
            space[block.remark.removeprefix(NAMED)] = block.text
        if block.language != "python":
            continue
        code = compile(block.text, block.name, "exec", dont_inherit=True)
        if not block.remark.startswith(SKETCH):
            exec(code, space)  # noqa: S102 - our own pages


@pytest.mark.parametrize(
    "block", [block for block in ALL if block.language == "python"], ids=lambda block: block.name
)
def test_the_python_of_a_page_names_what_exists(block: pages.Block) -> None:
    tree = ast.parse(block.text)
    bound = dict(_imported(tree, made_here=block.remark))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = bound.get(node.value.id)
            assert module is None or hasattr(module, node.attr), ast.unparse(node)


def _imported(tree: ast.AST, *, made_here: str) -> Iterator[tuple[str, object]]:
    """Import what a block imports; a module that the page is about to make is named before it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        made = made_here.split()
        for alias in node.names:
            if {node.module, f"{node.module}.{alias.name}"} & set(made):
                continue
            space: dict[str, object] = {}
            exec(f"from {node.module} import {alias.name} as it", space)  # noqa: S102 - as above
            yield alias.asname or alias.name, space["it"]


@pytest.mark.parametrize(
    "block",
    [block for block in ALL if block.language in {"json", "geojson", "toml"}],
    ids=lambda block: block.name,
)
def test_the_data_of_a_page_can_be_read(block: pages.Block) -> None:
    read = tomllib.loads if block.language == "toml" else json.loads
    assert read(block.text)
