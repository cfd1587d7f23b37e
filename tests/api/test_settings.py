"""Settings are checked whole at start, with a sentence for each that is wrong."""

from __future__ import annotations

import pathlib

import pytest

from api import settings


def test_defaults_serve_an_embedded_district_on_this_machine_only() -> None:
    plain = settings.from_environment({})
    assert plain.host == "127.0.0.1"
    assert plain.port == 8000
    assert plain.url == "sqlite:///data/lamplighter.db"


def test_a_data_folder_moves_the_embedded_database() -> None:
    moved = settings.from_environment({"LAMPLIGHTER_DATA_DIR": "/srv/lamps"})
    assert moved.data_dir == pathlib.Path("/srv/lamps")
    assert moved.url == "sqlite:////srv/lamps/lamplighter.db"


def test_every_wrong_setting_is_told_at_once() -> None:
    with pytest.raises(settings.SettingsError) as told:
        settings.from_environment(
            {
                "LAMPLIGHTER_PORT": "eighty",
                "LAMPLIGHTER_THREADS": "0",
                "LAMPLIGHTER_SCHEDULER": "perhaps",
                "LAMPLIGHTER_DATABASE_URL": "mysql://x",
                "LAMPLIGHTER_HOTS": "x",
            }
        )
    text = "\n".join(told.value.problems)
    assert len(told.value.problems) == 5
    assert "LAMPLIGHTER_PORT must be a whole number from 0 to 65535; it is 'eighty'." in text
    assert "LAMPLIGHTER_HOTS is no setting" in text


def test_the_same_level_of_digits_from_another_script_is_refused() -> None:
    with pytest.raises(settings.SettingsError, match="LAMPLIGHTER_PORT"):
        settings.from_environment({"LAMPLIGHTER_PORT": "８０００"})


def test_several_workers_need_a_database_that_has_several_writers() -> None:
    with pytest.raises(settings.SettingsError, match="PostgreSQL"):
        settings.from_environment({"LAMPLIGHTER_WORKERS": "2"})


def test_other_programs_variables_are_left_alone() -> None:
    assert settings.from_environment({"PATH": "/bin", "LAMP": "x"}).threads == 64
