"""Windows are what the readings say, and abnormal use becomes a list with an owner."""

from __future__ import annotations

import dataclasses
import datetime as dt

import flask.testing
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from api import acts, db
from api.readings import jobs, service, store, sweeping
from api.readings.models import AbnormalUse, Flag, Reread, Stop, UseWindow
from api.readings.service import histories, thresholds, trying
from api.readings.service import windows as keeping
from api.tasks.models import Task
from schemas import readings as shapes
from schemas.crews import Role
from schemas.readings import AbnormalCause, Quality
from schemas.rules import usage, use_windows
from schemas.rules.flags import Explanation
from tests.makers import crews, tasks
from tests.makers import readings as make

NOW, MONTH = make.NOW, make.MONTH
DAY = dt.timedelta(days=1)
OFFICE = tasks.of_office()


def act_at(at: dt.datetime) -> acts.Act:
    return acts.system(district_id=make.DISTRICT, now=at, job="test")


def run(session: Session, *, at: dt.datetime = NOW + DAY) -> dict[str, int]:
    counts = jobs.run(session, act=act_at(at))
    session.flush()
    return counts


def sweep_all(session: Session, *, at: dt.datetime) -> int:
    """Sweep as the operator's command does."""
    found = service.sweep_abnormal(session, district_id=make.DISTRICT)
    act = act_at(at)
    return sum(service.open_abnormal(session, act=act, meter_ids=ids) for ids in found)


def stored(session: Session) -> dict[str, bytes]:
    """Read all windows, by the stream that the sweep takes."""
    return {
        meter_id: block.records[row].tobytes()
        for block in store.stream_windows(session, district_id=make.DISTRICT)
        for row, meter_id in enumerate(block.meter_ids)
    }


def said(session: Session, *, at: dt.datetime) -> dict[str, bytes]:
    """Pack the windows anew from the readings; give them back as they were."""
    kept = stored(session)
    store.forget_windows(session, district_id=make.DISTRICT, meter_ids=sorted(kept))
    keeping.pack_missing(session, act=act_at(at))
    return stored(session)


def everything(session: Session) -> list[str]:
    """Write down each row that the night may touch."""
    session.flush()
    tables = (Flag, UseWindow, AbnormalUse, Reread, Stop, Task)
    rows = [row for model in tables for row in session.execute(select(model.__table__))]
    return sorted(map(repr, rows))


def entry(session: Session) -> AbnormalUse:
    return session.query(AbnormalUse).one()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.integers(-500, 900),
            st.integers(1, 27),
            st.sampled_from(Quality),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_windows_always_equal_what_the_readings_say(
    session: Session, late: list[tuple[int, int, int, Quality]]
) -> None:
    with session.begin_nested() as all_of_it:
        for number in (1, 2, 3):
            make.history(session, meter_id=f"M000{number}")
        for number, used, months_ago, quality in late:
            make.value(
                session,
                meter_id=f"M000{number}",
                total=11_000 + used,
                read_at=NOW - MONTH * months_ago + DAY,
                quality=quality,
            )
            run(session)
            kept = stored(session)
            assert kept == {**kept, **said(session, at=NOW + DAY)}
            assert f"M000{number}" in kept
        all_of_it.rollback()


def test_a_window_holds_the_newest_reading_and_doubts_what_was_found_wrong(
    session: Session,
) -> None:
    last = make.history(session)
    make.value(session, total=last - 900, read_at=NOW)
    run(session)
    window = use_windows.unpack(use_windows.read(stored(session)["M0001"])[0])
    assert window.cycles[-1].value == last - 900
    assert window.cycles[-1].quality is usage.Quality.questionable


def test_an_event_that_is_told_later_is_in_the_window(session: Session) -> None:
    last = make.history(session)
    make.value(session, total=last, read_at=NOW)
    run(session)
    draft = shapes.MeterEventDraft(
        kind=Explanation.vacancy, meter_id="M0001", from_at=NOW - 40 * DAY
    )
    service.record_event(session, act=OFFICE, draft=draft)
    assert stored(session) == said(session, at=OFFICE.received_at)
    window = use_windows.unpack(use_windows.read(stored(session)["M0001"])[0])
    assert window.explained == {Explanation.vacancy}


def test_missing_windows_are_packed_by_the_job_and_by_steps(session: Session) -> None:
    for number in (1, 2, 3):
        make.history(session, meter_id=f"M000{number}")
    assert run(session)["windows_packed"] == 3
    assert sorted(stored(session)) == ["M0001", "M0002", "M0003"]
    assert "windows_packed" not in run(session)


def test_a_night_run_twice_changes_nothing(session: Session) -> None:
    for meter_id, used in (("M0001", make.USED[-1]), ("M0002", 900), ("M0003", 0)):
        last = make.history(session, meter_id=meter_id)
        make.value(session, meter_id=meter_id, total=last + used, read_at=NOW)
    first = run(session)
    assert (first["ER14"], first["ER18"], first["abnormal"], first["rereads"]) == (1, 1, 2, 1)
    before = everything(session)
    assert run(session) == {"readings": 0, "routes_retired": 0}
    assert everything(session) == before


def test_only_what_a_run_wrote_is_streamed_for_it(session: Session) -> None:
    for number in (1, 2):
        make.history(session, meter_id=f"M000{number}")
    run(session)
    make.value(session, meter_id="M0002", total=12_000, read_at=NOW)
    run(session, at=NOW + 2 * DAY)
    (block,) = store.stream_windows(session, district_id=make.DISTRICT, touched_at=NOW + 2 * DAY)
    assert block.meter_ids == ["M0002"]


def test_who_reads_through_a_table_keeps_few_pages_until_the_end(database: db.Database) -> None:
    def kept_kib(session: Session) -> int:
        return -int(session.execute(text("PRAGMA cache_size")).scalar_one())

    if not database.is_sqlite:
        with database.reading_through() as session:
            assert stored(session) == {}
        return
    with database.reading() as session:
        usual = kept_kib(session)
    with pytest.raises(LookupError), database.reading_through() as session:
        assert kept_kib(session) < usual
        raise LookupError
    with database.reading() as session:
        assert kept_kib(session) == usual


def test_the_stream_comes_in_blocks(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 6):
        make.history(session, meter_id=f"M000{number}")
    run(session)
    monkeypatch.setattr("api.readings.store.windows.BLOCK_ROWS", 2)
    blocks = list(store.stream_windows(session, district_id=make.DISTRICT))
    assert [len(block.records) for block in blocks] == [2, 2, 1]
    assert len(stored(session)) == 5


def test_a_sweep_names_what_it_finds_in_the_order_of_the_meters(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for meter_id, used in (("M0003", 900), ("M0001", make.USED[-1]), ("M0002", 111), ("M0004", 0)):
        last = make.history(session, meter_id=meter_id)
        make.value(session, meter_id=meter_id, total=last + used, read_at=NOW)
    run(session)
    expected = [("M0001", ["ER14"]), ("M0003", ["ER18"]), ("M0004", ["ER12"])]
    use = thresholds.IN_FORCE.use
    for rows in (1, 3, 4, 4_096):
        monkeypatch.setattr("api.readings.store.windows.BLOCK_ROWS", rows)
        assert list(sweeping.sweep(session, district_id=make.DISTRICT, use=use)) == expected
    nowhere = sweeping.sweep(session, district_id="nowhere", use=use)
    assert list(nowhere) == []


@pytest.mark.parametrize(("used", "kind"), [(900, "high"), (12, "low"), (0, "stopped")])
def test_abnormal_use_opens_one_entry_with_its_numbers(
    session: Session, used: int, kind: str
) -> None:
    last = make.history(session)
    make.value(session, total=last + used, read_at=NOW)
    assert run(session)["abnormal"] == 1
    row = entry(session)
    assert (row.kind, row.meter_id, row.read_on) == (kind, "M0001", "2026-11-23")
    assert (row.owner_id, row.due_at) == (None, NOW + 11 * DAY)
    assert "10" in row.en
    assert row.inputs
    assert sweep_all(session, at=NOW + 2 * DAY) == 0


def test_a_kind_is_open_once_for_a_meter_and_what_was_looked_into_stays(session: Session) -> None:
    last = make.history(session)
    make.value(session, total=last + 900, read_at=NOW)
    run(session)
    make.value(session, total=last + 900 + 1_200, read_at=NOW + MONTH)
    assert "abnormal" not in run(session, at=NOW + MONTH + DAY)
    body = shapes.AbnormalFound(found=AbnormalCause.REAL, note="新装空调")
    service.close_abnormal(session, act=OFFICE, abnormal_id=entry(session).id, body=body)
    session.flush()
    assert sweep_all(session, at=NOW + MONTH + 2 * DAY) == 1
    rows = session.query(AbnormalUse).order_by(AbnormalUse.read_on).all()
    assert [row.closed_at is None for row in rows] == [False, True]
    again = shapes.AbnormalFound(found=AbnormalCause.OTHER)
    service.close_abnormal(session, act=OFFICE, abnormal_id=rows[1].id, body=again)
    assert sweep_all(session, at=NOW + MONTH + 3 * DAY) == 0


def test_a_meter_that_was_removed_is_not_looked_into(session: Session) -> None:
    last = make.history(session)
    make.value(session, total=last + 900, read_at=NOW)
    make.meter(session).removed_at = NOW
    session.flush()
    assert "abnormal" not in run(session)


def test_the_office_takes_and_closes_an_entry(
    database: db.Database, client: flask.testing.FlaskClient, sign_in: crews.SignIn
) -> None:
    office = sign_in(Role.DISPATCHER)
    with database.unit_of_work() as session:
        last = make.history(session)
        make.value(session, total=last + 900, read_at=NOW)
        run(session)
    path = "/v1/abnormal-use"
    (listed,) = client.get(f"{path}?closed=false&kind=high", headers=office).get_json()["items"]
    assert (listed["owner_id"], listed["found"]) == (None, None)
    entry_path = f"{path}/{listed['id']}"
    taken = client.post(f"{entry_path}/take", headers=office).get_json()
    assert taken["owner_id"] is not None
    body = {"found": "misread", "note": "看错一位"}
    closed = client.post(f"{entry_path}/close", json=body, headers=office)
    assert closed.get_json()["found"] == "misread"
    for move in ("take", "close"):
        again = client.post(f"{entry_path}/{move}", json=body, headers=office)
        assert (again.status_code, again.get_json()["code"]) == (409, "abnormal-closed")
    assert client.get(f"{path}?closed=false", headers=office).get_json()["items"] == []


def test_a_dry_run_says_what_would_change_and_changes_nothing(session: Session) -> None:
    last = make.history(session)
    make.value(session, total=last + 130, read_at=NOW)
    last = make.history(session, meter_id="M0002")
    make.value(session, meter_id="M0002", total=last + 900, read_at=NOW)
    run(session)
    use = thresholds.IN_FORCE.use
    before = stored(session), session.query(AbnormalUse).count()
    timid = dataclasses.replace(use, abnormal_units_min=2_000)
    trial = trying.try_out(session, district_id=make.DISTRICT, tried=timid)
    high = trial.changes["ER18"]
    assert (trial.meters, high.now, high.more, high.fewer) == (2, 2, 0, 2)
    keen = dataclasses.replace(use, abnormal_z_min=9.0)
    high = trying.try_out(session, district_id=make.DISTRICT, tried=keen).changes["ER18"]
    (example,) = high.examples_fewer
    assert (high.fewer, example.meter_id, example.en) == (1, "M0001", "130 against usual 100.5")
    assert (stored(session), session.query(AbnormalUse).count()) == before


def test_a_use_too_wide_for_a_window_takes_the_old_one_away(session: Session) -> None:
    make.history(session, digits=6)
    run(session)
    assert session.query(UseWindow).count() == 1
    make.meter(session).decimals = 3
    make.meter(session).digits = 9
    session.flush()
    make.value(session, total=900_000_000, read_at=NOW)
    run(session)
    assert session.query(UseWindow).count() == 0
    assert histories.HISTORY_DAYS_MAX > 2 * 365
