"""The protocol's document against the code: its examples are spoken, its rules have their tests."""

from __future__ import annotations

import ast
import collections
import hashlib
import itertools
import json
import pathlib
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pytest

from api import db
from api.feed import store as feed
from field_sync import keys
from field_sync.keys import FileKeys
from field_sync.testing.edge import HandEdge
from schemas.crews import Role
from tests.docs import pages
from tests.makers import crews
from tests.makers import tasks as make
from tests.makers.proving import ProvingClient

PAGE: Final = pages.DOCS / "protocol.md"
ANYTHING: Final = "…"
DEVICE: Final = "phone-7"
WIRE: Final = re.compile(
    r"<!-- wire: ([^\n]+?) -->\n(?:```json\n(.*?)^```)?", re.DOTALL | re.MULTILINE
)
RULE: Final = re.compile(r"^- \*\*([SH]\d+)\.\*\*", re.MULTILINE)
ROW: Final = re.compile(r"^\| ([SH]\d+) \| (.+) \|$", re.MULTILINE)
TEST: Final = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

Held = dict[str, set[tuple[str, str]]]


@pytest.fixture
def own(tmp_path: pathlib.Path) -> FileKeys:
    """Give Li's phone a folder for its key."""
    return FileKeys(tmp_path)


@pytest.fixture
def headers(database: db.Database, sign_in: crews.SignIn, own: FileKeys) -> dict[str, str]:
    """Sign in Li's phone, whose crew has the order of the examples."""
    with database.unit_of_work() as session:
        make.district(session)
        feed.start_lineage(session, name="lineage-1")
        make.task(session, task_id="t1")
        crews.person(session, person_id="li")
        crews.device(session, person_id="li", device_id=DEVICE, key=own.make(HandEdge()))
    return sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id=DEVICE)


def test_the_wire_speaks_as_the_page_says(
    client: ProvingClient, headers: dict[str, str], own: FileKeys
) -> None:
    client.hold(headers, own)
    spoken = WIRE.findall(PAGE.read_text(encoding="utf-8"))
    asked, told = spoken[::2], spoken[1::2]
    assert len(asked) == len(told) >= 5
    cursor = None
    for (request, body), (status, expected) in zip(asked, told, strict=True):
        method, path = request.split()
        content = written(json.loads(body), cursor=cursor, own=own) if body else b""
        answer = client.open(path, method=method, data=content, headers=headers)
        assert answer.status_code == int(status), answer.text
        assert answer.json is not None
        assert differences(json.loads(expected), answer.json) == []
        cursor = answer.json.get("cursor", cursor)


def written(request: dict[str, Any], *, cursor: str | None, own: FileKeys) -> bytes:
    """Write a request of the page with the cursor and the signature that it leaves open."""
    wires = [msgspec.json.encode(each) for each in request.get("operations", ())]
    if request.get("cursor") == ANYTHING:
        request["cursor"] = cursor
    if "head" in request:
        sha256 = hashlib.sha256(wires[-1]).hexdigest()
        n = request["head"]["n"]
        request["head"] = keys.signed_head(own, device_id=DEVICE, n=n, sha256=sha256)
    operations = [msgspec.Raw(wire) for wire in wires]
    return msgspec.json.encode({**request, "operations": operations})


def differences(expected: object, found: object, where: str = "") -> list[str]:
    """Name the places where an answer is not what the page says; `…` stands for anything."""
    if expected == ANYTHING:
        return []
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        places = (differences(expected[key], found[key], f"{where}.{key}") for key in expected)
        return list(itertools.chain.from_iterable(places))
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        each = enumerate(zip(expected, found, strict=True))
        items = (differences(one, other, f"{where}[{place}]") for place, (one, other) in each)
        return list(itertools.chain.from_iterable(items))
    return [] if expected == found else [f"{where}: {expected!r} is {found!r}"]


def test_rules_are_numbered_without_a_gap() -> None:
    rules = RULE.findall(PAGE.read_text(encoding="utf-8"))
    servers = [rule for rule in rules if rule.startswith("S")]
    handhelds = rules[len(servers) :]
    assert servers == [f"S{number}" for number in range(1, len(servers) + 1)]
    assert handhelds == [f"H{number}" for number in range(1, len(handhelds) + 1)]


def test_every_rule_names_a_test_and_every_such_test_its_rule() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = {rule: set(TEST.findall(tests)) for rule, tests in ROW.findall(text)}
    assert list(table) == RULE.findall(text)
    assert all(table.values())
    marked: Held = collections.defaultdict(set)
    for rule, test in _marks():
        marked[rule].add(test)
    assert marked == table


def _marks() -> Iterator[tuple[str, tuple[str, str]]]:
    """List every test that says which rules it holds, with each of them."""
    for path in sorted((pages.ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "@pytest.mark.rule(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
                    for rule in mark.args:
                        assert isinstance(rule, ast.Constant)
                        yield str(rule.value), (pages.name_of(path), node.name)
