from __future__ import annotations

import datetime as dt
import pathlib

import msgspec
import pytest

from api.requests.service import taxonomy

FIRST = taxonomy.FOLDER / "95598-5-24.toml"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('name = "95598-5-24"', 'name = "other"'), "the file's name must say so"),
        (('code = "voltage"', 'code = "damage"'), "code damage is there twice"),
        (('class_code = "works"', 'class_code = "weather"'), "class weather is not listed"),
        (('post = "repairs"', 'post = "cook"'), "post cook is not listed"),
        (('hazard = "operations"', 'hazard = "cook"'), "post cook is not listed"),
        (("no_access = ", "lunch = "), "kinds must be"),
        (("duty = ", "night = "), "there is no post duty"),
        (("default = true", "default = 7"), "default"),
    ],
)
def test_a_wrong_taxonomy_is_named_at_start(
    tmp_path: pathlib.Path, change: tuple[str, str], fault: str
) -> None:
    text = FIRST.read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / FIRST.name).write_text(text.replace(*change, 1), encoding="utf-8")

    with pytest.raises(taxonomy.TaxonomyError, match=r"95598-5-24\.toml") as refused:
        taxonomy.read_all(tmp_path)

    assert fault in str(refused.value)


def test_the_newest_taxonomy_that_holds_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    first = taxonomy.TAXONOMIES["95598-5-24"]
    from_2030 = dt.date(2030, 1, 1)
    later = msgspec.structs.replace(first, name="later", effective_from=from_2030)
    monkeypatch.setattr(taxonomy, "TAXONOMIES", {first.name: first, "later": later})

    assert taxonomy.in_force(dt.date(2029, 12, 31)).name == first.name
    assert taxonomy.in_force(from_2030).name == "later"
    assert taxonomy.in_force(dt.date(2000, 1, 1)).name == first.name
