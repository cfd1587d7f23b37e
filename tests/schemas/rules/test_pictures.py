from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import photos
from schemas.rules import datums, geofence, pictures
from schemas.rules.pictures import Agreement, Aspect, Ground
from tests.schemas.rules import vectors

HAIKOU = zoneinfo.ZoneInfo("Asia/Shanghai")
AT = dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)
FIX = geofence.Fix(20.04, 110.32, accuracy_m=10.0, age_s=1.0)
NAIVE = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2050, 1, 1))  # noqa: DTZ001 - a camera's clock has no zone
CLAIMS = st.builds(
    pictures.Claim,
    camera_local=st.none() | NAIVE,
    camera_offset_s=st.none() | st.integers(-50_400, 50_400),
    satellite_at=st.none() | st.datetimes(timezones=st.just(dt.UTC)),
    lat_deg=st.none() | st.floats(-90, 90),
    lon_deg=st.none() | st.floats(-180, 180),
    accuracy_m=st.none() | st.floats(0, 1e7),
)
FIXES = st.builds(
    geofence.Fix,
    lat_deg=st.floats(-90, 90),
    lon_deg=st.floats(-180, 180),
    accuracy_m=st.none() | st.floats(-1, 1e6),
    datum=st.sampled_from(datums.Datum),
    simulated=st.booleans(),
)
DECLARED = st.builds(
    pictures.Declared,
    fix=st.none() | FIXES,
    happened_at=st.datetimes(timezones=st.just(dt.UTC)),
    error_s=st.floats(0, 1e6),
    clock_suspect=st.booleans(),
    zone=st.sampled_from([dt.UTC, HAIKOU]),
)


def compared(
    claim: pictures.Claim,
    *,
    fix: geofence.Fix | None = FIX,
    error_s: float = 0.0,
    clock_suspect: bool = False,
) -> dict[Aspect, pictures.Comparison]:
    declared = pictures.Declared(fix, AT, error_s, clock_suspect, HAIKOU)
    return {each.aspect: each for each in pictures.compare(claim, declared)}


@pytest.mark.parametrize("case", vectors.cases("pictures"))
def test_a_claim_is_compared_as_the_vectors_say(case: vectors.Case) -> None:
    said = dict(case["claim"])
    said["camera_local"] = vectors.at(said.get("camera_local"))
    said["satellite_at"] = vectors.at(said.get("satellite_at"))
    fix = case["fix"] and geofence.Fix(
        **{**case["fix"], "datum": datums.Datum(case["fix"].get("datum", "wgs84"))}
    )
    declared = pictures.Declared(
        fix=fix,
        happened_at=vectors.must_at(case["happened_at"]),
        error_s=case["error_s"],
        clock_suspect=case["clock_suspect"],
        zone=zoneinfo.ZoneInfo(case["zone"]),
    )
    found = {
        str(each.aspect): [str(each.agreement), str(each.ground)]
        for each in pictures.compare(pictures.Claim(**said), declared)
    }
    assert found | case["expect"] == found


@given(CLAIMS, DECLARED)
def test_every_aspect_has_an_answer_with_words_in_both_languages(
    claim: pictures.Claim, declared: pictures.Declared
) -> None:
    answers = pictures.compare(claim, declared)
    assert [each.aspect for each in answers] == list(Aspect)
    for each in answers:
        words = photos.sentence(each)
        assert words.en.endswith(".")
        assert words.zh.endswith("。")
        if each.agreement is not Agreement.cannot_say:
            numbers = (each.distance_m, each.gap_s)
            assert any(number is not None for number in numbers), "an answer shows its numbers"


@given(CLAIMS, DECLARED)
def test_whatever_a_file_does_not_say_never_speaks_against_anybody(
    claim: pictures.Claim, declared: pictures.Declared
) -> None:
    silent = pictures.Claim()
    for each in pictures.compare(silent, declared):
        assert (each.agreement, each.ground) == (Agreement.cannot_say, Ground.not_claimed)


@given(st.floats(-5_000, 5_000), st.floats(0, 500))
def test_a_time_agrees_exactly_as_far_as_it_says(gap_s: float, error_s: float) -> None:
    claim = pictures.Claim(satellite_at=AT + dt.timedelta(seconds=gap_s))
    answer = compared(claim, error_s=error_s)[Aspect.satellite_time]
    assert answer.gap_s is not None
    assert answer.allowed_s == pictures.TIME_TOLERANCE_S + error_s
    agrees = abs(answer.gap_s) <= answer.allowed_s
    assert answer.agreement is (Agreement.agrees if agrees else Agreement.differs)


@given(st.floats(0, 0.02))
def test_a_position_agrees_exactly_as_far_as_it_says(north_deg: float) -> None:
    claim = pictures.Claim(lat_deg=FIX.lat_deg + north_deg, lon_deg=FIX.lon_deg)
    answer = compared(claim)[Aspect.position]
    assert answer.distance_m is not None
    assert answer.allowed_m is not None
    assert answer.allowed_m == pytest.approx(100 + 1.621 * 60)
    agrees = answer.distance_m <= answer.allowed_m
    assert (answer.agreement is Agreement.agrees) == agrees


@pytest.mark.parametrize(
    ("claim", "aspect", "en", "zh"),
    [
        (
            pictures.Claim(camera_local=dt.datetime(2026, 11, 23, 9, 0)),  # noqa: DTZ001 - no zone
            Aspect.camera_time,
            (
                "The camera's time and the operation's cannot be compared surely: the first is "
                "1:00:00 later, 0:15:00 allowed; whole hours, as a camera set to another zone "
                "shows; "
                "the camera names no zone, so the district's was taken."
            ),
            (
                "相机时间与操作时间无法确定是否一致：前者晚 1:00:00，允许 0:15:00；"
                "相差整小时，可能是相机设在另一时区；相机未注明时区，按本区县时区计算。"
            ),
        ),
        (
            pictures.Claim(lat_deg=20.05, lon_deg=110.32),
            Aspect.position,
            "The position in the file and the phone's differ: 1107 m apart, 197 m allowed.",
            "文件内位置与手机定位不一致：相距 1107 米，允许 197 米。",
        ),
        (
            pictures.Claim(satellite_at=AT - dt.timedelta(days=1)),
            Aspect.satellite_time,
            (
                "The satellite time in the file and the operation's differ: the first is "
                "24:00:00 earlier, 0:15:00 allowed."
            ),
            "文件内卫星时间与操作时间不一致：前者早 24:00:00，允许 0:15:00。",
        ),
        (
            pictures.Claim(),
            Aspect.position,
            "The position in the file and the phone's: the file does not say.",
            "文件内位置与手机定位：文件未载明。",
        ),
    ],
)
def test_a_person_can_check_the_sentence(
    claim: pictures.Claim, aspect: Aspect, en: str, zh: str
) -> None:
    words = photos.sentence(compared(claim)[aspect])
    assert (words.en, words.zh) == (en, zh)
