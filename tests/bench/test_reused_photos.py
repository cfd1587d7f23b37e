"""The evaluation's photos: old ones are found by the server's own rule, honest ones are not."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from PIL import Image

from bench.invented import albums, cameras, days, ground, reused, scenes, score
from bench.invented.labels import Day, Kept, Numbers, Photo, Photographed, Place, Written
from schemas.rules import meter_reading
from tests.makers import walks as make

BEGINS = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)


def site(number: int, *, box: str | None = None) -> ground.Site:
    past = [
        (ground.DAY - dt.timedelta(days=30 * ago), 9_000 - 100 * ago) for ago in range(14, 0, -1)
    ]
    register = meter_reading.Register(6, 2, Decimal(1))
    return ground.Site(f"M{number}", box, 20.0 + number / 1e4, 110.0, register, past, 9_000)


def written(at: ground.Site, minute: int, content: bytes) -> Written:
    return Written(
        id=f"{at.meter_id}-{minute}",
        reader="r",
        site=at,
        at=BEGINS + dt.timedelta(minutes=minute),
        units=at.truth,
        fix=None,
        numbers=Numbers.honest,
        place=Place.at_meter,
        photo=Photo(Photographed.meter, content),
    )


def shots(count: int) -> list[bytes]:
    """Photograph one meter so many times."""
    chance = np.random.default_rng(7)
    scene = scenes.Place(chance).show(site(1), 9_000)
    return [cameras.shoot(scene, chance) for _ in range(count)]


def encoded_anew(photo: bytes) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(out, "JPEG", quality=60)
    return out.getvalue()


def flagged(readings: Sequence[Written], kept: Sequence[Kept] = ()) -> list[tuple[str, str]]:
    """Name the readings that are flagged, and whether their photo is a file or looks like one."""
    return [
        (reading_id, "same file" if flag.inputs["same_bytes"] else "looks like")
        for reading_id, flag in reused.judge([Day(readings, kept)], make.POLICY.photos)
    ]


def test_the_later_of_two_meters_with_one_file_is_flagged() -> None:
    (photo,) = shots(1)
    found = flagged([written(site(2), 20, photo), written(site(1), 10, photo)])
    assert found == [("M2-20", "same file")]


def test_a_file_of_another_meter_encoded_anew_looks_like_it() -> None:
    (photo,) = shots(1)
    found = flagged([written(site(2), 20, encoded_anew(photo))], [Kept("M1", photo)])
    assert found == [("M2-20", "looks like")]


def test_last_months_very_file_is_flagged_and_a_like_one_of_the_same_meter_is_not() -> None:
    (photo,) = shots(1)
    assert flagged([written(site(1), 10, photo)], [Kept("M1", photo)]) == [("M1-10", "same file")]
    assert flagged([written(site(1), 10, encoded_anew(photo))], [Kept("M1", photo)]) == []


def test_a_picture_too_plain_to_compare_is_like_its_own_bytes_only() -> None:
    night = io.BytesIO()
    Image.new("L", cameras.SIZE, 8).save(night, "JPEG")
    photo = night.getvalue()
    kept = [Kept("M1", photo)]
    assert flagged([written(site(2), 10, encoded_anew(photo))], kept) == []
    assert flagged([written(site(2), 10, photo)], kept) == [("M2-10", "same file")]


def test_two_visits_to_one_meter_make_two_photos() -> None:
    first, second = shots(2)
    assert flagged([written(site(2), 10, second)], [Kept("M1", first)]) == []


def test_whoever_pretends_has_no_photo_but_what_is_at_hand() -> None:
    sites = [site(number) for number in range(12)]
    album = albums.Album(sites, np.random.default_rng(3))
    files = {kept.meter_id: kept.content for kept in album.kept}
    for each in sites * 4:
        photo = album.pretend(each)
        assert photo is not None
        match photo.how:
            case Photographed.last_file:
                assert photo.content == files[each.meter_id]
            case Photographed.other_file:
                others = {meter_id for meter_id, file in files.items() if file == photo.content}
                assert others, "the file of some meter"
                assert each.meter_id not in others
            case how:
                assert how is Photographed.retaken
                assert photo.content not in files.values()
    alone = albums.Album([], np.random.default_rng(3))
    assert alone.pretend(site(1)) is None


def test_a_day_is_the_same_for_the_same_seed_photos_and_all() -> None:
    sites = [site(number, box="one" if number in {4, 5} else None) for number in range(40)]
    once, again = (days.walk(sites, reader="r", chance=np.random.default_rng(5)) for _ in range(2))
    assert once == again
    assert {reading.photo is None for reading in once.readings} == {True, False}


def test_a_kind_of_photo_is_scored_by_the_rule_of_photos_alone() -> None:
    truths = [
        score.Truth("a", True, [], "a photo of a photo"),
        score.Truth("b", True, [], "a photo of a photo"),
        score.Truth("c", False),
    ]
    lines = {
        line.name: line for line in score.table(truths, {"a": ["ER35"], "b": ["ER30"], "c": []})
    }
    assert lines["a photo of a photo, by ER35"].recall == 0.5
    assert lines["all that is reviewed (H)"].recall == 1.0
    assert lines["ER35"].honest == 0
