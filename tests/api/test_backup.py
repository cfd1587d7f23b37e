"""A backup taken while the server works restores to what was committed, evidence included."""

from __future__ import annotations

import pathlib
import shutil
import sqlite3
import tarfile

import pytest
from click.testing import CliRunner

from api import backup, cli, db, migrating
from api.custody import keys
from api.evidence import arrivals, depot, service, uploads
from api.feed import store as feed
from api.settings import Settings
from api.sites.models import District
from tests.makers import evidence as make
from tests.makers import sites, tasks

DISTRICT = "d1"


@pytest.fixture
def house(tmp_path: pathlib.Path, migrated: pathlib.Path) -> Settings:
    """Make a server's data folder with a district and a photo."""
    settings = Settings(data_dir=tmp_path / "house")
    settings.data_dir.mkdir()
    shutil.copy(migrated, settings.data_dir)
    database = db.Database(settings.url)
    with database.unit_of_work() as session:
        sites.district(session, district_id=DISTRICT)
    database.close()
    photo = settings.data_dir / "evidence" / "ab" / "photo"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"light")
    return settings


@pytest.fixture
def photos(house: Settings) -> list[str]:
    """Let three photos arrive, and give their hashes."""
    database = db.Database(house.url)
    place = depot.opened(house)
    hashes = []
    with database.unit_of_work() as session:
        tasks.task(session, task_id="t1")
    for content in (b"before", b"after", b"meter"):
        with database.unit_of_work() as session:
            make.declare(session, task_id="t1", content=content)
            upload = uploads.open_upload(
                session,
                act=tasks.of_crew(),
                sha256=make.sha256(content),
                size_bytes=len(content),
            )
            part = depot.Part(DISTRICT, upload.id, upload.sha256, len(content))
            place.receive(part, offset_bytes=0, chunks=[content])
            place.seal(part)
            arrivals.arrive(session, act=tasks.of_crew(), upload=upload)
        hashes.append(make.sha256(content))
    database.close()
    return hashes


def quiet(_done: int, _whole: int) -> None:
    """Tell nobody."""


def restored(tmp_path: pathlib.Path, archive: pathlib.Path) -> Settings:
    other = Settings(data_dir=tmp_path / "other")
    backup.restore(other, archive)
    return other


def test_what_was_committed_comes_back(house: Settings, tmp_path: pathlib.Path) -> None:
    archive = tmp_path / "backups" / "monday.tar"
    assert backup.make(house, archive, progress=quiet) == archive.stat().st_size
    other = restored(tmp_path, archive)
    database = db.Database(other.url)
    with database.reading() as session:
        assert session.get(District, (DISTRICT, DISTRICT)) is not None
    migrating.differences(database)
    database.close()
    assert (other.data_dir / "evidence" / "ab" / "photo").read_bytes() == b"light"


def test_a_backup_holds_the_last_commit_of_a_server_that_works(
    house: Settings, tmp_path: pathlib.Path
) -> None:
    database = db.Database(house.url)
    with database.unit_of_work() as session:
        district = session.get(District, (DISTRICT, DISTRICT))
        assert district is not None
        district.name = "新名"
    archive = tmp_path / "monday.tar"
    backup.make(house, archive, progress=quiet)
    database.close()
    opened = db.Database(restored(tmp_path, archive).url)
    with opened.reading() as session:
        again = session.get(District, (DISTRICT, DISTRICT))
        assert again is not None
        assert again.name == "新名"
    opened.close()


def test_a_restored_server_starts_a_new_lineage(house: Settings, tmp_path: pathlib.Path) -> None:
    archive = tmp_path / "monday.tar"
    backup.make(house, archive, progress=quiet)
    names = []
    for settings in (house, restored(tmp_path, archive)):
        database = db.Database(settings.url)
        with database.reading() as session:
            names.append(feed.get_lineage(session))
        database.close()
    assert names[0] != names[1]


def test_a_restore_never_overwrites(house: Settings, tmp_path: pathlib.Path) -> None:
    archive = tmp_path / "monday.tar"
    backup.make(house, archive, progress=quiet)
    with pytest.raises(backup.BackupError, match="already"):
        backup.restore(house, archive)
    with pytest.raises(backup.BackupError, match="exists already"):
        backup.make(house, archive, progress=quiet)


def test_what_is_no_backup_is_told_so(tmp_path: pathlib.Path) -> None:
    garbage = tmp_path / "garbage.tar"
    garbage.write_bytes(b"not a tar" * 1_000)
    with pytest.raises(backup.BackupError, match=r"can be read"):
        backup.restore(Settings(data_dir=tmp_path / "other"), garbage)
    assert not (tmp_path / "other" / "lamplighter.db").exists()


def test_a_damaged_database_is_not_restored(house: Settings, tmp_path: pathlib.Path) -> None:
    archive = tmp_path / "monday.tar"
    backup.make(house, archive, progress=quiet)
    raw = bytearray(archive.read_bytes())
    middle = len(raw) // 3
    raw[middle : middle + 40_000] = b"\x00" * 40_000
    archive.write_bytes(raw)
    with pytest.raises(backup.BackupError):
        backup.restore(Settings(data_dir=tmp_path / "other"), archive)


def test_a_missing_database_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(backup.BackupError, match="no database"):
        backup.make(Settings(data_dir=tmp_path), tmp_path / "x.tar", progress=quiet)


def test_postgresql_has_tools_of_its_own(tmp_path: pathlib.Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql://x/y")
    with pytest.raises(backup.BackupError, match="pg_dump"):
        backup.make(settings, tmp_path / "x.tar", progress=quiet)


def test_the_restored_database_is_one_whole_file(house: Settings, tmp_path: pathlib.Path) -> None:
    archive = tmp_path / "monday.tar"
    backup.make(house, archive, progress=quiet)
    other = restored(tmp_path, archive)
    path = other.data_dir / backup.DATABASE_NAME
    assert not path.with_name(path.name + "-wal").exists()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_parts_of_uploads_are_left_out(house: Settings, tmp_path: pathlib.Path) -> None:
    part = house.data_dir / "evidence" / DISTRICT / "parts" / "upload-1"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    archive = tmp_path / "monday.tar"
    backup.make(house, archive, progress=quiet)
    evidence = restored(tmp_path, archive).data_dir / "evidence"
    assert [each.name for each in evidence.rglob("*") if each.is_file()] == ["photo"]


def test_what_a_restore_has_lost_is_named_and_asked_for_again(
    house: Settings, photos: list[str], tmp_path: pathlib.Path
) -> None:
    archive = tmp_path / "monday.tar"
    backup.make(house, archive, progress=quiet)
    shutil.rmtree(house.data_dir)
    other = restored(tmp_path, archive)
    env = {"LAMPLIGHTER_DATA_DIR": str(other.data_dir)}
    whole = CliRunner().invoke(cli.main, ["verify"], env=env)
    assert (whole.exit_code, "Every file is as it was sent." in whole.output) == (0, True)

    lost, altered, kept = photos
    lying = other.data_dir / "evidence" / DISTRICT
    (lying / lost[:2] / lost).unlink()
    (lying / altered[:2] / altered).chmod(0o600)
    (lying / altered[:2] / altered).write_bytes(b"other")
    named = CliRunner().invoke(cli.main, ["verify"], env=env)
    assert named.exit_code == 1
    text = "".join(named.output.split())
    assert f"{lost}:lost." in text
    assert f"{altered}:altered." in text
    assert kept not in text
    assert "2filesarenotastheyweresent." in text

    scrubbed = CliRunner().invoke(cli.main, ["jobs", "run", "scrub_files"], env=env)
    assert "looked_at 3, altered 1, lost 1" in scrubbed.output
    database = db.Database(other.url)
    with database.reading() as session:
        owed = service.missing_of(session, district_id=DISTRICT, device_id="device-li")
    database.close()
    assert [file.sha256 for file in owed] == [lost]


def test_a_server_without_its_folder_of_files_says_so_and_names_none(
    house: Settings, photos: list[str], tmp_path: pathlib.Path
) -> None:
    shutil.rmtree(house.data_dir / "evidence")
    env = {"LAMPLIGHTER_DATA_DIR": str(house.data_dir)}
    told = CliRunner().invoke(cli.main, ["verify"], env=env)
    assert (told.exit_code, "does not answer" in told.output) == (1, True)


def test_the_key_of_checkpoints_is_left_out(house: Settings, tmp_path: pathlib.Path) -> None:
    """Who finds a backup must not be able to sign."""
    keys.opened(house)
    target = tmp_path / "backup.tar"
    backup.make(house, target, progress=lambda _done, _whole: None)
    with tarfile.open(target) as archive:
        assert not [name for name in archive.getnames() if name.endswith(".pem")]
    elsewhere = Settings(data_dir=tmp_path / "elsewhere")
    backup.restore(elsewhere, target)
    assert keys.find(elsewhere) is None
