"""The key of checkpoints is a file that only its owner reads, and names its successor."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import pathlib
import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from api import db
from api.custody import keys
from api.settings import Settings
from schemas import custody, signatures
from schemas.crews import DeviceKey
from tests.conftest import NOW

WORD = b"so it stands"


@pytest.fixture
def elsewhere(tmp_path: pathlib.Path) -> Settings:
    """Settings that name a place of their own for the key."""
    return Settings(data_dir=tmp_path / "data", checkpoint_key=str(tmp_path / "safe" / "key.pem"))


def test_a_key_is_made_once_and_only_its_owner_can_read_it(elsewhere: Settings) -> None:
    assert keys.find(elsewhere) is None
    first, again = keys.opened(elsewhere), keys.opened(elsewhere)

    path = keys.path_of(elsewhere)
    assert str(path) == elsewhere.checkpoint_key
    assert first == again == keys.find(elsewhere)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_without_a_setting_it_lies_in_the_data_folder(tmp_path: pathlib.Path) -> None:
    keys.opened(Settings(data_dir=tmp_path / "data"))
    assert (tmp_path / "data" / keys.FILE_NAME).is_file()


def test_of_several_that_are_made_at_once_one_counts(elsewhere: Settings) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = {key.kid for key in pool.map(lambda _: keys.opened(elsewhere), range(16))}
    assert len(made) == 1


def test_its_signature_is_its_own_over_these_bytes(elsewhere: Settings) -> None:
    key = keys.opened(elsewhere)
    signature = key.sign(WORD)
    other = keys.drawn()

    assert signatures.has_signed(key.public, statement=WORD, signature=signature)
    assert not signatures.has_signed(key.public, statement=WORD + b".", signature=signature)
    assert not signatures.has_signed(other.public, statement=WORD, signature=signature)
    assert not signatures.has_signed(key.public, statement=WORD, signature="x")
    nowhere = DeviceKey(x="A" * 43, y="A" * 43)
    assert not signatures.has_signed(nowhere, statement=WORD, signature=signature)


def test_it_is_named_by_its_thumbprint() -> None:
    """The key is that of RFC 7515, appendix A.3; its name was worked out with `openssl dgst`."""
    key = DeviceKey(
        x="f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        y="x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    )
    assert signatures.thumbprint(key) == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"


def _ed25519() -> bytes:
    return ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _p384() -> bytes:
    return ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _locked() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )


@pytest.mark.parametrize(
    "content", [b"", b"not a key", _ed25519(), _p384(), _locked()], ids=["empty", *"abcd"]
)
def test_a_file_that_holds_no_such_key_is_said_and_left_alone(
    elsewhere: Settings, content: bytes
) -> None:
    path = keys.path_of(elsewhere)
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(keys.KeyUnreadableError, match="move this one away"):
        keys.opened(elsewhere)
    assert path.read_bytes() == content


def test_a_folder_in_its_place_is_said(elsewhere: Settings) -> None:
    keys.path_of(elsewhere).mkdir(parents=True)
    with pytest.raises(keys.KeyUnreadableError):
        keys.opened(elsewhere)


def test_a_successor_is_named_by_the_key_before_it(
    database: db.Database, elsewhere: Settings
) -> None:
    old, new = keys.opened(elsewhere), keys.drawn()
    with database.unit_of_work() as session:
        keys.succeed(session, old=old, new=new, now=NOW)
    keys.replace(elsewhere, new)

    assert keys.find(elsewhere) == new
    assert stat.S_IMODE(keys.path_of(elsewhere).stat().st_mode) == 0o600
    with database.reading() as session:
        by_kid = {each.kid: each for each in keys.list_public(session)}
    assert (by_kid[old.kid].follows, by_kid[old.kid].named_by) == (None, None)
    named = by_kid[new.kid]
    assert named.follows == old.kid
    statement = custody.succession(kid=old.kid, successor=new.kid)
    assert signatures.has_signed(old.public, statement=statement, signature=named.named_by or "")


def test_a_listed_key_stays_as_it_is(database: db.Database, elsewhere: Settings) -> None:
    old, new = keys.opened(elsewhere), keys.drawn()
    with database.unit_of_work() as session:
        keys.succeed(session, old=old, new=new, now=NOW)
        keys.enter(session, new, now=NOW)
        keys.enter(session, new, now=NOW)
    with database.reading() as session:
        assert [each.follows for each in keys.list_public(session) if each.kid == new.kid] == [
            old.kid
        ]


def test_the_private_half_is_not_shown(elsewhere: Settings) -> None:
    key = keys.opened(elsewhere)
    assert "private" not in repr(key)
    assert "private" not in str(dataclasses.replace(key))
