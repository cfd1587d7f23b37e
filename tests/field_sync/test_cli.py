"""`field-sync` at the prompt: clear words in two languages, an exit code for each kind of end."""

from __future__ import annotations

import contextlib
import pathlib

import msgspec
import pytest
from click.testing import CliRunner

from field_sync.cli import main
from field_sync.store import outbox, settings
from field_sync.store.connection import open_store
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Fault, Network
from field_sync.testing.server import LOGIN, FakeServer
from schemas import checkins, evidence, sync
from schemas.base import decode
from schemas.rules import pacing
from tests.field_sync.prompting import Prompt, enrol
from tests.makers import handheld as make


def test_a_day_at_the_prompt(at_work: Prompt, server: FakeServer, tmp_path: pathlib.Path) -> None:
    photo = tmp_path / "fuse.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    for command in (
        ["accept", "aaa111"],
        ["set-out", "aaa111"],
        ["check-in", "aaa111", "--fix", "20.04,110.32,5,1"],
        ["start", "aaa111"],
        ["note", "aaa111", "gate code 41"],
        ["photo", "aaa111", str(photo), "--kind", "after"],
        ["restored", "aaa111"],
        ["finish", "aaa111", "--cause", "blown fuse", "--material", "fuse 63 A", "2"],
        ["read", "1", "1130"],
        ["finish", "bbb222"],
    ):
        done = at_work(*command)
        assert (done.exit_code, command) == (0, command), done.output
    assert at_work("sync").exit_code == 0
    assert len(server.operations) == 10
    assert list(server.uploads.contents.values()) == [b"\xff\xd8\xff"]


def test_enrolling_says_for_whom(prompt: Prompt) -> None:
    told = enrol(prompt)
    assert (told.exit_code, "李伟" in told.output) == (0, True)


def test_a_wrong_password_is_said_in_the_servers_words(prompt: Prompt) -> None:
    told = enrol(prompt, password="a wrong one")
    assert told.exit_code == 1
    assert told.stderr == "The server refused (wrong-password): Refused: wrong-password.\n"


def test_a_handheld_is_enrolled_once(at_work: Prompt) -> None:
    told = enrol(at_work)
    assert (told.exit_code, "belongs to" in told.stderr) == (1, True)


def test_the_first_time_the_server_must_be_named_and_safe(prompt: Prompt) -> None:
    unnamed = prompt("enrol", "--login", LOGIN, "--password", "x")
    plain = prompt("enrol", "--server", "http://example.org", "--login", LOGIN, "--password", "x")
    assert (unnamed.exit_code, plain.exit_code) == (1, 1)
    assert "private network" in plain.stderr


def test_the_worklist_shows_how_long_a_promise_still_has(at_work: Prompt, edge: HandEdge) -> None:
    assert "45 min" in at_work("worklist").output
    edge.advance(minutes=60)
    told = at_work("worklist", lang="zh").output
    assert "超时 15 分钟" in told
    assert "已派单" in told


def test_an_empty_handheld_says_so(prompt: Prompt) -> None:
    enrol(prompt)
    assert "No work" in prompt("worklist").output


def test_an_arrival_is_told_with_its_verdict(at_work: Prompt) -> None:
    told = at_work("check-in", "aaa111", "--fix", "20.06,110.32,5,1", lang="zh")
    assert "到场判定：不在现场。距现场 2214 米" in told.output
    bare = at_work("check-in", "aaa111")
    assert "Arrival: unsure." in bare.output


def test_what_is_brought_beside_a_doubtful_position_is_told(
    at_work: Prompt, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    photo = tmp_path / "gate.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    looks = [f"--seen={after_s},20.0401,110.32,60" for after_s in range(0, 181, 30)]
    doubtful = ("--fix", "20.0401,110.32,60,1", "--photo", str(photo), "--scanned", "880001")
    told = at_work("check-in", "aaa111", *doubtful, *looks)
    assert "Arrival: unsure." in told.output
    said = " ".join(told.output.split())
    assert "Stayed 180 s, never found elsewhere: 7 positions" in said
    assert "1 photo taken." in said
    at_work("sync")
    first, second = (bytes(each.body) for each in server.operations)
    photographed, checked = decode(first, evidence.Declared), decode(second, checkins.CheckIn)
    assert checked.photo_sha256 == [photographed.sha256]
    assert len(checked.sightings) == 7


def test_a_refusal_is_a_sentence_and_an_exit_code(at_work: Prompt) -> None:
    told = at_work("finish", "aaa111", lang="zh")
    assert told.exit_code == 1
    assert (
        told.stderr == "工单当前为“已派单”，不能执行“完工”。可执行：接单、退单、出发、到场签到。\n"
    )
    vague = at_work("return", "aaa111", "busy")
    assert (vague.exit_code, "concrete" in vague.stderr) == (1, True)


def test_an_order_that_is_not_here_is_said(at_work: Prompt) -> None:
    told = at_work("accept", "zzz", lang="zh")
    assert told.stderr == "本机没有工单 zzz，请查看工作清单或先同步。\n"


def test_without_signal_everything_is_kept_and_the_exit_code_says_so(
    at_work: Prompt, network: Network
) -> None:
    at_work("accept", "aaa111")
    network.fault = lambda _: Fault.REQUEST_LOST
    told = at_work("sync")
    assert told.exit_code == 3
    assert "1 operations and 0 files" in told.output


def test_until_done_waits_for_the_signal(
    at_work: Prompt, network: Network, server: FakeServer
) -> None:
    at_work("accept", "aaa111")
    faults = iter([Fault.REQUEST_LOST, Fault.ANSWER_LOST])
    network.fault = lambda _: next(faults, Fault.NONE)
    assert at_work("sync", "--until-done").exit_code == 0
    assert len(server.operations) == 1


def test_an_ended_session_has_its_own_exit_code_and_is_opened_again(
    at_work: Prompt, server: FakeServer
) -> None:
    server.closed = True
    assert at_work("sync").exit_code == 4
    assert "signed out" in at_work("status").output
    again = enrol(at_work)
    assert (again.exit_code, "Signed in again" in again.output) == (0, True)
    assert at_work("sync").exit_code == 0


def test_the_status_shows_what_the_server_said_and_how_wrong_the_clock_is(
    at_work: Prompt, server: FakeServer, edge: HandEdge
) -> None:
    edge.fast_s = -7_200
    server.judge = lambda _: sync.Status.CONFLICT
    at_work("accept", "aaa111")
    synced = at_work("sync")
    assert "1 records were not simply applied" in synced.output
    told = at_work("status", lang="zh").output
    assert "-7200 秒" in told
    assert "有冲突 (said-conflict)  结果：said-conflict。" in told


@pytest.mark.rule("H21")
def test_the_status_tells_of_each_order_what_is_only_here(
    at_work: Prompt, network: Network, edge: HandEdge, tmp_path: pathlib.Path
) -> None:
    assert "everything" in at_work("status").output
    photo = tmp_path / "fuse.jpg"
    photo.write_bytes(b"\xff\xd8\xff" + bytes(2_000_000))
    edge.advance(minutes=7)
    at_work("accept", "aaa111")
    at_work("photo", "aaa111", str(photo), "--kind", "after")
    at_work("read", "1", "1130")
    network.fault = lambda _: Fault.ANSWER_LOST
    assert "Kept here: 3 operations and 1 files." in at_work("sync").output
    told = at_work("status").output
    assert "not everything" in told
    assert "3, the oldest of 2026-11-23 00:07" in told
    assert "1 (2.0 MB)" in told
    assert "its answer is outstanding" in told
    of_orders = [line for line in told.splitlines() if "aaa111" in line or "bbb222" in line]
    assert ["2, the oldest" in of_orders[0], "1 (2.0 MB)" in of_orders[0]] == [True, True]
    assert "1, the oldest" in of_orders[1]


def test_the_status_tells_what_a_server_put_back_and_the_handheld_both_lost(
    at_work: Prompt, server: FakeServer, home: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "HISTORY_MAX", 2)
    for text in ("1", "2", "3", "4", "5"):
        at_work("note", "aaa111", text)
        at_work("sync")
    with contextlib.closing(open_store(home)) as store, store.writing():
        outbox.lift(store, keys=[("task", "order-aaa111")])
        outbox.prune(store)
    assert "Lost" not in at_work("status").output
    server.restore(settled=2)
    at_work("note", "aaa111", "6")
    at_work("sync")
    assert "1 settled operations; the server was put back" in at_work("status").output
    assert "1 条已确认的记录；服务器曾从备份恢复" in at_work("status", lang="zh").output


@pytest.mark.rule("H21")
def test_nothing_is_called_safe_while_a_file_is_only_here(
    at_work: Prompt, server: FakeServer, network: Network, tmp_path: pathlib.Path
) -> None:
    photo = tmp_path / "fuse.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    at_work("photo", "aaa111", str(photo))
    network.fault = lambda request: (
        Fault.REQUEST_LOST if "uploads" in request.url.path else Fault.NONE
    )
    told = at_work("sync").output
    assert "In step" not in told
    assert "Kept here: 0 operations and 1 files." in told
    assert "not everything" in at_work("status").output
    network.fault = lambda _: Fault.NONE
    assert "nothing is only here" in at_work("sync").output
    assert list(server.uploads.contents.values()) == [b"\xff\xd8\xff"]


def test_a_timer_waits_this_handhelds_share_before_it_syncs(
    at_work: Prompt, edge: HandEdge, home: pathlib.Path
) -> None:
    began = edge.moment().wall
    assert at_work("sync", "--woken").exit_code == 0
    with contextlib.closing(open_store(home)) as store:
        device_id = settings.find(store, settings.Name.DEVICE)
    assert device_id is not None
    waited_s = (edge.moment().wall - began).total_seconds()
    assert waited_s == pytest.approx(pacing.wake_delay_s(device_id), abs=1)


def test_before_enrolment_the_status_is_empty_and_a_sync_is_refused(prompt: Prompt) -> None:
    assert "never" in prompt("status").output
    assert prompt("sync").exit_code == 1


def test_the_outbox_is_exported_byte_for_byte_and_never_over_a_file(
    at_work: Prompt, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    at_work("accept", "aaa111")
    at_work("note", "aaa111", "one")
    path = tmp_path / "outbox.jsonl"
    assert at_work("export-outbox", str(path)).exit_code == 0
    lines = path.read_bytes().splitlines()
    at_work("sync")
    assert [msgspec.json.decode(line)["n"] for line in lines] == [1, 2]
    assert at_work("export-outbox", str(path)).exit_code == 1


def test_a_revoked_handheld_says_where_the_work_is(at_work: Prompt, server: FakeServer) -> None:
    at_work("accept", "aaa111")
    server.wiping = True
    told = at_work("sync", lang="zh")
    assert told.exit_code == 4
    assert "报失" in told.stderr
    assert at_work("export-outbox", str(pathlib.Path(at_work._home) / "kept")).exit_code == 0


def test_a_wrong_language_in_the_environment_is_said(home: pathlib.Path) -> None:
    told = CliRunner(env={"FIELD_SYNC_LANG": "fr"}).invoke(main, ["--home", str(home), "status"])
    assert (told.exit_code, told.stderr) == (1, "lang is wrong: zh | en.\n")


def test_messages_are_new_until_they_were_read(at_work: Prompt, server: FakeServer) -> None:
    assert "No messages." in at_work("messages").output
    server.put("crew:c1", "message", make.message("m1", task_id="order-aaa111"))
    at_work("sync")
    assert "1 new messages" in at_work("worklist").output
    told = at_work("messages").output
    assert told.startswith("* ")
    assert "aaa111" in told
    assert "given to you by the office" in told
    assert at_work("messages", lang="zh").output.startswith("  ")
    assert "改派给您" in at_work("messages", lang="zh").output
    assert "new messages" not in at_work("worklist").output
    server.take("crew:c1", "message", "m1")
    at_work("sync")
    assert "没有消息" in at_work("messages", lang="zh").output


def test_suspended_work_says_until_when(at_work: Prompt) -> None:
    at_work("accept", "aaa111")
    until = "2026-11-23 15:00"
    done = at_work("suspend", "aaa111", "gate locked, owner has the key", "--until", until)
    assert done.exit_code == 0, done.output
    assert "suspended until 11-23 15:00" in at_work("worklist").output
    at_work("resume", "aaa111")
    assert "until" not in at_work("worklist").output


def test_an_order_is_corrected_at_the_prompt(at_work: Prompt, server: FakeServer) -> None:
    site = ["--access", "key at the shop", "--fix", "20.05,110.32"]
    done = at_work("amend", "aaa111", "--contact", "Li 138", *site)
    assert done.exit_code == 0, done.output
    assert "says so already" in at_work("amend", "aaa111", "--contact", "Li 138").stderr
    at_work("sync")
    assert [operation.type for operation in server.operations] == ["task.amend"]


def test_a_promise_is_given_and_moved_at_the_prompt(at_work: Prompt, server: FakeServer) -> None:
    by, later = ("--by", "2026-11-23 18:00"), ("--by", "2026-11-23 21:00")
    given = at_work("promise", "aaa111", "Back by six.", "--to", "Li Hua", *by)
    assert given.exit_code == 0, given.output
    busy = at_work("reagree", "aaa111", "By nine.", "busy", "--consent", "Li Hua", *later)
    assert "it says nothing" in busy.stderr
    why = "the crane is at the fallen pole"
    moved = at_work("reagree", "aaa111", "By nine.", why, "--consent", "Li Hua", *later)
    assert moved.exit_code == 0, moved.output
    past = at_work("promise", "aaa111", "x", "--to", "Li", "--by", "2020-01-01 08:00", lang="zh")
    assert "时段已过" in past.stderr
    at_work("sync")
    assert [each.type for each in server.operations] == ["promise.make", "promise.reagree"]
