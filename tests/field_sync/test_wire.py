"""An old handheld understands a newer server, and believes nothing that has another shape."""

from __future__ import annotations

import msgspec
import pytest

from field_sync import wire
from field_sync.testing.edge import START
from schemas import readings, sync, tasks
from schemas.base import Shape, encode
from tests.makers import handheld as make


def newer(shape: Shape) -> bytes:
    """Say a shape as a server would that knows more: one field more in every object."""

    def grown(value: object) -> object:
        if isinstance(value, dict):
            return {**{key: grown(each) for key, each in value.items()}, "since_v9": [1, {"a": 2}]}
        return [grown(each) for each in value] if isinstance(value, list) else value

    return encode(grown(msgspec.json.decode(encode(shape))))


@pytest.mark.rule("H16")
def test_fields_that_are_not_known_here_are_passed_over_at_every_depth() -> None:
    clock = tasks.TaskClock(kind="arrive", due_at=START)
    task = make.task(clocks=[clock], site=False)
    assert wire.decode(newer(task), tasks.Task) == task


def test_what_is_free_in_form_stays_as_it_was_said() -> None:
    stop = make.stop()
    grown = wire.decode(newer(stop), readings.Stop)
    assert grown.geometry == {**make.POINT, "since_v9": [1, {"a": 2}]}
    assert grown.multiplier == stop.multiplier


def test_a_newer_answer_is_taken_with_its_records_whole() -> None:
    answer = sync.SyncAnswer(
        server_at=START,
        acked_through=0,
        outcomes=[],
        feeds=[make.feed("crew:c1", ("task", make.task()))],
        dropped=[],
        cursor="c",
        more=False,
        missing=[],
        next_in_s=1,
    )
    (feed,) = wire.decode(newer(answer), sync.SyncAnswer).feeds
    record = feed.changes[0].put
    assert isinstance(record, msgspec.Raw)
    assert msgspec.json.decode(record)["since_v9"] == [1, {"a": 2}]


def test_another_shape_is_refused_all_the_same() -> None:
    with pytest.raises(msgspec.ValidationError):
        wire.decode(b'{"id": "t1", "since_v9": 1}', tasks.Task)
    with pytest.raises(msgspec.DecodeError):
        wire.decode(b"<html>", tasks.Task)
