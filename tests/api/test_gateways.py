"""An SMS gateway as its operator describes it: what is sent, what answers mean, what is refused."""

from __future__ import annotations

import json

import pytest

from api import gateways, settings
from api.gateways import Verdict

MESSAGE = gateways.Message("0193", "+8613900000000", '停电 "A"&B {id}')
URL = "https://sms.example/send"
BODY = '{"to": "{number}", "say": "{text}"}'


def read(**changed: str) -> gateways.Gateway:
    return gateways.read(**{"url": URL, "body": BODY, **changed})


def test_a_json_body_is_filled_and_stays_json() -> None:
    body = '{"id": "{id}", "to": ["{local}"], "p": {"text": "[L] {text}"}, "n": 1, "on": true}'
    request = read(body=body, sender="L", headers='{"X-Key": "k-{id}"}').request(MESSAGE)
    assert json.loads(request.body) == {
        "id": "0193",
        "to": ["13900000000"],
        "p": {"text": '[L] 停电 "A"&B {id}'},
        "n": 1,
        "on": True,
    }
    assert request.headers == {"X-Key": "k-0193", "Content-Type": "application/json"}
    assert (request.method, request.url) == ("POST", URL)


def test_a_form_is_filled_and_encoded() -> None:
    request = read(body="to={digits}&say={text}&who={sender}", sender="L&M").request(MESSAGE)
    assert request.body == (
        b"to=8613900000000&say=%E5%81%9C%E7%94%B5+%22A%22%26B+%7Bid%7D&who=L%26M"
    )
    assert request.headers == {"Content-Type": "application/x-www-form-urlencoded"}


def test_an_address_is_filled_and_encoded() -> None:
    url = "https://sms.example/send?to={number}&say={text}"
    request = read(url=url, method="GET", body="").request(MESSAGE)
    assert request.url.startswith("https://sms.example/send?to=%2B8613900000000&say=%E5%81%9C")
    assert (request.body, request.headers) == (b"", {})


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, b'{"r": [{"code": 0}]}', Verdict.taken),
        (200, b'{"r": [{"code": "0"}]}', Verdict.taken),
        (201, b'{"r": [{"code": 200}]}', Verdict.taken),
        (200, b'{"r": [{"code": 7}]}', Verdict.again),
        (200, b'{"r": [{"code": 1}]}', Verdict.refused),
        (200, b'{"r": []}', Verdict.refused),
        (200, b'{"r": [{"code": null}]}', Verdict.refused),
        (200, b"<html>", Verdict.again),
        (200, b"\xff", Verdict.again),
        (302, b"", Verdict.refused),
        (400, b"", Verdict.refused),
        (401, b"", Verdict.again),
        (404, b"", Verdict.again),
        (409, b"", Verdict.taken),
        (422, b"", Verdict.refused),
        (429, b"", Verdict.again),
        (503, b"", Verdict.again),
    ],
)
def test_an_answer_means(status: int, body: bytes, verdict: Verdict) -> None:
    gateway = read(success="r.0.code=0,200", again="r.0.code=7")
    said, why = gateway.verdict(status, body)
    assert said is verdict
    assert bool(why) is (verdict is not Verdict.taken)


def test_without_an_expectation_the_status_says_all() -> None:
    assert read().verdict(200, b"whatever") == (Verdict.taken, "")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"url": "ftp://sms.example"}, "address"),
        ({"url": "https://me:secret@sms.example"}, "credentials"),
        ({"url": "https://{number}.example/"}, "host"),
        ({"method": "PATCH"}, "METHOD must be one of"),
        ({"method": "GET"}, "GET has no body"),
        ({"body": '{"to": "{number}", "say": "{txt}"}'}, "{txt} is no place"),
        ({"body": '{"to": "{number}"}'}, "{number} and {text}"),
        ({"body": '{"say": "{text}"}'}, "{number} and {text}"),
        ({"body": '{"to": '}, "JSON"),
        ({"body": "to={number}&&say"}, "name=value"),
        ({"headers": "Authorization: secret"}, "JSON object"),
        ({"headers": '["secret"]'}, "JSON object"),
        ({"headers": '{"A": "secret\\nB: c"}'}, "printable"),
        ({"headers": '{"A b": "secret"}'}, "plain names"),
        ({"headers": '{"A": 1}'}, "printable"),
        ({"headers": '{"A": "secret {text}"}'}, "cannot stand in a header"),
        ({"success": "code"}, "field=value"),
        ({"again": "code=1"}, "success"),
    ],
)
def test_a_faulty_gateway_ends_the_start_and_no_secret_is_said(
    changed: dict[str, str], fault: str
) -> None:
    said = {"url": URL, "body": BODY, **changed}
    environment = {f"LAMPLIGHTER_SMS_{name.upper()}": value for name, value in said.items()}
    with pytest.raises(settings.SettingsError) as caught:
        settings.from_environment(environment)
    assert fault in str(caught.value)
    assert "secret" not in str(caught.value)


def test_settings_show_no_secret_of_a_gateway() -> None:
    headers = '{"Authorization": "Bearer hidden"}'
    environment = {"URL": URL, "BODY": BODY, "HEADERS": headers}
    read_ = settings.from_environment({f"LAMPLIGHTER_SMS_{k}": v for k, v in environment.items()})
    assert read_.sms_gateway is not None
    assert "hidden" not in repr(read_)
    assert settings.Settings().sms_gateway is None
