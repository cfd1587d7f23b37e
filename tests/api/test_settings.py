"""Settings are checked whole at start, with a sentence for each that is wrong."""

from __future__ import annotations

import pathlib
import sys

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


def test_evidence_may_lie_in_a_bucket() -> None:
    chosen = settings.from_environment(
        {
            "LAMPLIGHTER_EVIDENCE_URL": "s3://lamps/photos",
            "LAMPLIGHTER_EVIDENCE_ENDPOINT": "https://s3.example",
        }
    )
    assert chosen.evidence_url == "s3://lamps/photos"
    assert chosen.evidence_redirect_s == 0


@pytest.mark.parametrize(
    "url", ["s3://key:hush@lamps/x", "https://lamps/x", "s3://", "s3:/x", "s3://lamps?key=hush"]
)
def test_a_bucket_is_named_without_credentials(url: str) -> None:
    with pytest.raises(settings.SettingsError, match="LAMPLIGHTER_EVIDENCE_URL") as told:
        settings.from_environment({"LAMPLIGHTER_EVIDENCE_URL": url})
    assert "hush" not in str(told.value)


@pytest.mark.parametrize("address", ["https://key:hush@s3.example", "s3.example"])
def test_the_address_of_a_store_holds_no_credentials(address: str) -> None:
    with pytest.raises(settings.SettingsError, match="LAMPLIGHTER_EVIDENCE_ENDPOINT") as told:
        settings.from_environment({"LAMPLIGHTER_EVIDENCE_ENDPOINT": address})
    assert "hush" not in str(told.value)


def test_a_link_to_a_bucket_needs_a_bucket() -> None:
    with pytest.raises(settings.SettingsError, match="names the bucket"):
        settings.from_environment({"LAMPLIGHTER_EVIDENCE_REDIRECT_S": "60"})


def test_a_bucket_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(settings.SettingsError, match=r"install the extra s3"):
        settings.from_environment({"LAMPLIGHTER_EVIDENCE_URL": "s3://lamps"})


def test_an_authority_is_named_with_the_certificates_that_it_is_believed_by() -> None:
    url = {"LAMPLIGHTER_TSA_URL": "https://stamps.example/tsr"}
    with pytest.raises(settings.SettingsError, match="needs LAMPLIGHTER_TSA_CERTIFICATES"):
        settings.from_environment(url)
    chosen = settings.from_environment({**url, "LAMPLIGHTER_TSA_CERTIFICATES": "roots.pem"})
    assert (chosen.tsa_url, chosen.tsa_certificates) == (url["LAMPLIGHTER_TSA_URL"], "roots.pem")
