"""What a token is, how long and in which form; numbers in comments are sections of RFC 8725."""

from __future__ import annotations

import itertools
import json

from flask.testing import FlaskClient as Client

from api import db
from api.crews.identity import Identity
from api.settings import Settings
from schemas.crews import TOKEN_CHARS_MAX
from tests.api.crews.rfc8725.showing import DOORS, assert_refused, knock
from tests.conftest import HandClock
from tests.makers import crews as make
from tests.makers import forging
from tests.makers.forging import ABSENT, Mint, bytes_of, part

# 3.11 and 3.12: one kind of token is never another


_TYPES = [
    "JWT", "jwt", "AT+JWT", "at+jwt ", "application/at+jwt", "dpop+jwt", "logout+jwt",
     "", None, ABSENT, 0, ["at+jwt"],
]  # fmt: skip


def test_a_token_of_another_kind_is_refused(client: Client, mint: Mint) -> None:
    for typ in _TYPES:
        assert_refused(client, mint.token(header={"typ": typ}), why=typ)


def test_an_access_token_called_an_upload_token_speaks_for_no_device(
    client: Client, mint: Mint
) -> None:
    forged = mint.token(header={"typ": "upload+jwt"})
    assert [knock(client, forged, door=door)[0] for door in DOORS] == [401, 401, 404, 401]


def test_an_upload_token_opens_uploads_and_nothing_else(
    client: Client, settings: Settings, token: str, database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        make.device(session, person_id="dispatcher-d1", device_id="phone")
        grant = Identity(settings).grant_uploads(
            session, person_id="dispatcher-d1", device_id="phone", now=clock.now()
        )
    assert knock(client, grant.token, door=("DELETE", "/v1/uploads/none")) == (
        412,
        "upload-version-unknown",
    )
    for door in (DOORS[0], DOORS[1], DOORS[3], ("GET", "/v1/evidence"), ("GET", "/v1/sync/ack")):
        assert knock(client, grant.token, door=door) == (401, "not-signed-in")


# Time: an end, not too far, and a beginning that has come

_NOW = 1_795_392_000
_ODD_INSTANTS = [
    ABSENT, None, True, "soon", str(_NOW + 60), [], {}, float("nan"), float("inf"), -float("inf"),
    10**400, 1e300, -1, 0,
]  # fmt: skip


def test_an_instant_that_is_none_is_refused(client: Client, mint: Mint) -> None:
    for name, value in itertools.product(("iat", "exp"), _ODD_INSTANTS):
        assert_refused(client, mint.token(body={name: value}), why=(name, value))


def test_an_instant_that_no_number_holds_is_refused(client: Client, mint: Mint) -> None:
    header, body, _ = mint.token(body={"exp": "!"}).split(".")
    raw = bytes_of(body).replace(b'"!"', b"1e400")
    first = f"{header}.{part(raw)}"
    assert_refused(client, f"{first}.{part(forging.signature(first, mint.private))}")


_LIVES_S = [
    (-900, 0),  # expired, to the second
    (-1_000, -100),
    (0, 901),  # longer than we give
    (-3_600, 60),
    (0, 10**9),
    (61, 900),  # from a time that is still to come
    (10**6, 10**6 + 900),
    (0, 0),
    (10, -10),  # its end before its beginning
]


def test_a_token_out_of_its_time_is_refused(client: Client, mint: Mint, clock: HandClock) -> None:
    now = int(clock.now().timestamp())
    for starts_s, ends_s in _LIVES_S:
        life = {"iat": now + starts_s, "exp": now + ends_s}
        assert_refused(client, mint.token(body=life), why=(starts_s, ends_s))


def test_a_token_that_names_its_own_beginning_is_none_of_ours(
    client: Client, mint: Mint, clock: HandClock
) -> None:
    now = int(clock.now().timestamp())
    for begins in (now + 600, now - 600, "soon", None):
        assert_refused(client, mint.token(body={"nbf": begins}), why=begins)


# 3.7 and the form: three parts of base64url, UTF-8 JSON objects, and no more than so long


_FORMS = [
    "{h}",
    "{h}.{b}",
    "{h}.{b}.",
    ".{b}.{s}",
    "{h}..{s}",
    "{h}.{b}.{s}.{s}",
    "{h}.{b}.{s}.",
    ".{h}.{b}.{s}",
    "{h}.{h}.{b}.{s}",
    "{h}.{h}.{s}",
    "{b}.{b}.{s}",
    "{b}.{h}.{s}",
    "{h}.{b}.{b}",
    "{h} . {b} . {s}",
    "{h}.{b}.{s}, Bearer {h}.{b}.{s}",
    "{h}.{b}.{s} {h}.{b}.{s}",
    '"{h}.{b}.{s}"',
    "{h}.{b}.é",
    "{h}.{b}.{s}~",
    "{h}.{b}.A{s}",
    "{h}.{b}.{s}AAAA",
    "{h}.{b}A.{s}",
    "{h}.{b}=.{s}",
    "{h}.{b}.{s}.e30.AAAA",
]


def test_a_token_of_another_form_is_refused(client: Client, mint: Mint) -> None:
    h, b, s = mint.token().split(".")
    for form in _FORMS:
        assert_refused(client, form.format(h=h, b=b, s=s), why=form)


def _odd_parts(text: str) -> list[str]:
    """Write a part of a token otherwise than as a JSON object in UTF-8."""
    raws = [text.encode("latin-1").replace(b"lamp", b"l\xe4mp").replace(b"ES", b"E\xdf")]
    raws += [f"[{text}]".encode(), json.dumps(text).encode(), text.encode() + b"}"]
    return [text, *map(part, [*raws, b"[" * 1_500, b"null", b""])]


def test_a_part_that_is_no_json_object_in_utf_8_is_refused(client: Client, mint: Mint) -> None:
    h, b, _ = mint.token().split(".")
    headers = [f"{odd}.{b}" for odd in _odd_parts(bytes_of(h).decode())]
    bodies = [f"{h}.{odd}" for odd in _odd_parts(bytes_of(b).decode())]
    for first in headers + bodies:
        forged = f"{first}.{part(forging.signature(first, mint.private))}"
        assert_refused(client, forged, why=first)


def test_a_token_of_any_length_breaks_nothing(client: Client, mint: Mint) -> None:
    for chars in (TOKEN_CHARS_MAX + 1, 100_000, 1_000_000):
        assert_refused(client, "x" * chars, why=chars)
        assert_refused(client, mint.token(body={"more": "x" * chars}), why=chars)


_WAYS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer\t{t}",
    "Token {t}",
    "JWT {t}",
    "Basic {t}",
    "{t}",
    "BearerX {t}",
]


def test_a_token_comes_as_a_bearers_and_in_no_other_way(client: Client, token: str) -> None:
    for way, (method, path) in itertools.product(_WAYS, DOORS):
        said = {"Authorization": way.format(t=token)}
        assert client.open(path, method=method, headers=said).status_code == 401, (way, path)


def test_no_token_is_taken_from_an_address_or_a_cookie(client: Client, token: str) -> None:
    client.set_cookie("access_token", token)
    assert client.get("/v1/units", query_string={"access_token": token}).status_code == 401
    assert client.post("/v1/uploads", data={"access_token": token}).status_code == 401


def test_a_refusal_says_how_to_sign_in_and_is_kept_nowhere(client: Client) -> None:
    answer = client.get("/v1/units", headers={"Authorization": "Bearer x"})
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Cache-Control"] == "no-store"
