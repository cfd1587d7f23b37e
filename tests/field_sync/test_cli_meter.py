"""`field-sync` at a meter: routes, readings, and what is asked about them."""

from __future__ import annotations

import pathlib

from field_sync.testing.server import FakeServer
from schemas.rules.transitions import Kind
from tests.field_sync.prompting import Prompt
from tests.makers import handheld as make


def test_a_route_is_shown_in_walking_order_with_its_progress(at_work: Prompt) -> None:
    told = at_work("route", lang="zh")
    assert "880001" in told.output
    assert "共 1 户：已抄 0，未抄到 0，待抄 1" in told.output
    at_work("skip", "880001", "dog", "--note", "two of them")
    assert "880001" not in at_work("route").output
    assert "skipped" in at_work("route", "bbb222", "--all").output


def test_an_odd_reading_is_asked_about_and_can_be_confirmed(at_work: Prompt) -> None:
    asked = at_work("read", "880001", "1000", lang="zh")
    assert asked.exit_code == 1
    assert "用电量为零" in asked.stderr
    confirmed = at_work("read", "880001", "1000", "--confirm", "ER12")
    assert confirmed.exit_code == 0


def test_a_reader_is_never_told_what_a_meter_usually_uses(
    at_work: Prompt, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    stop = make.stop("s1", route_id="route-bbb222", typical_kwh="77.022")
    server.put("route:route-bbb222", "stop", stop)
    path = tmp_path / "outbox.jsonl"
    acts = ["sync", "route --all", "read 880001 1000", "read 880001 1130", f"export-outbox {path}"]
    told = "".join(at_work(*act.split()).output for act in acts) + path.read_text(encoding="utf-8")
    assert "880001" in told
    assert not any(bound in told for bound in ("77.022", "38.511", "154.044"))


def test_a_meter_or_route_that_is_not_here_is_said(at_work: Prompt, server: FakeServer) -> None:
    assert at_work("read", "999", "1").exit_code == 1
    server.put("person:p1", "task", make.task("route-ccc333", kind=Kind.route, site=False))
    at_work("sync")
    told = at_work("route")
    assert (told.exit_code, "bbb222" in told.stderr) == (1, True)


def test_a_value_that_is_no_number_is_a_usage_error(at_work: Prompt) -> None:
    assert at_work("read", "880001", "many").exit_code == 2
    assert at_work("check-in", "aaa111", "--fix", "here").exit_code == 2
    assert at_work("check-in", "aaa111", "--fix", "1").exit_code == 2
    assert at_work("check-in", "aaa111", "--seen", "soon,20.04,110.32").exit_code == 2
    assert at_work("check-in", "aaa111", "--seen", "5").exit_code == 2
