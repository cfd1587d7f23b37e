"""An SMS gateway as its operator describes it: a request with places, and what answers mean.

Gateways differ in address, header, body and answer, and in nothing else that matters; so one is a
template in the settings, checked whole at the start. What it holds may be secret, and no sentence
of this module repeats it.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

PLACES: Final = frozenset({"number", "digits", "local", "text", "id", "sender"})
"""`number` as +8613900000000, `digits` without the +, `local` without the country's code."""
HEADER_PLACES: Final = frozenset({"id", "sender"})
METHODS: Final = ("GET", "POST", "PUT")
TOLD_CHARS_MAX: Final = 80
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_AGAIN: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""What the operator mends, or time does; the message itself is not at fault."""


class GatewayError(ValueError):
    """The description of a gateway is wrong; the message says how, and repeats no secret."""


class Verdict(enum.StrEnum):
    """What an answer of a gateway means."""

    taken = "taken"
    again = "again"
    refused = "refused"


@dataclasses.dataclass(frozen=True, slots=True)
class Expected:
    """A field of the gateway's JSON answer, as `result.code`, and the values that are meant."""

    path: tuple[str, ...]
    values: frozenset[str]

    def found(self, answer: Any) -> str | None:  # noqa: ANN401 - a stranger's JSON
        """Give the field's value as text; None where the answer has no such field."""
        for name in self.path:
            if isinstance(answer, list) and name.isdigit() and int(name) < len(answer):
                answer = answer[int(name)]
            elif isinstance(answer, dict) and name in answer:
                answer = answer[name]
            else:
                return None
        return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """What is sent: to a number as `+8613900000000`, under an id that stays the same."""

    id: str
    number: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to go."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway; see `read` for what each part is."""

    url: str
    method: str
    headers: Mapping[str, str]
    form: tuple[tuple[str, str], ...] | None
    document: Any
    sender: str
    home: str
    success: Expected | None
    again: Expected | None

    def request(self, message: Message) -> Request:
        """Fill the request for one message."""
        digits = message.number.removeprefix("+")
        known = {
            "number": message.number,
            "digits": digits,
            "local": digits.removeprefix(self.home),
            "text": message.text,
            "id": message.id,
            "sender": self.sender,
        }
        headers = {name: _fill(value, known) for name, value in self.headers.items()}
        body = b""
        if self.form is not None:
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
            filled = [(name, _fill(value, known)) for name, value in self.form]
            body = urllib.parse.urlencode(filled).encode()
        elif self.document is not None:
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(_filled(self.document, known), ensure_ascii=False).encode()
        quoted = {name: urllib.parse.quote(value, safe="") for name, value in known.items()}
        return Request(self.method, _fill(self.url, quoted), headers, body)

    def verdict(self, status: int, body: bytes) -> tuple[Verdict, str]:
        """Say what an answer means, and why, without what was sent.

        A gateway that answers 409 has the message of this id already.
        """
        if status == HTTPStatus.CONFLICT:
            return Verdict.taken, ""
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            again = status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR
            return Verdict.again if again else Verdict.refused, f"the gateway answered {status}"
        return (Verdict.taken, "") if self.success is None else self._weigh(self.success, body)

    def _weigh(self, success: Expected, body: bytes) -> tuple[Verdict, str]:
        """Say what the body of an answer means, where the status does not say it all."""
        try:
            answer = json.loads(body)
        except ValueError:
            return Verdict.again, "the gateway's answer is no JSON"
        said = success.found(answer)
        if said in success.values:
            return Verdict.taken, ""
        why = f"the gateway answered {'.'.join(success.path)}={said}"[:TOLD_CHARS_MAX]
        if self.again is not None and self.again.found(answer) in self.again.values:
            return Verdict.again, why
        return Verdict.refused, why


def read(
    *,
    url: str,
    method: str = "POST",
    headers: str = "",
    body: str = "",
    sender: str = "",
    home: str = "86",
    success: str = "",
    again: str = "",
) -> Gateway:
    """Read and check the description of a gateway.

    Args:
        url: http or https; places in it are percent-encoded.
        method: one of `METHODS`.
        headers: a JSON object of names and values, or nothing.
        body: a JSON document whose strings have places, or `name=value&...` as a form, or nothing.
        sender: what fills `{sender}`.
        home: the country's code that `{local}` goes without.
        success: `field=value` of the JSON answer, as `result.code=0,200`; nothing where the status
            says all.
        again: likewise, for answers that mean that it should be tried another time.

    Raises:
        GatewayError: something is wrong with it.
    """
    place = urllib.parse.urlsplit(url)
    if place.scheme not in {"http", "https"} or not place.hostname or "@" in place.netloc:
        raise GatewayError("its address must be http:// or https://, without credentials")
    if "{" in place.netloc:
        raise GatewayError("its address must name the host as it is")
    form, document = _body(body)
    if method == "GET" and body:
        raise GatewayError("a GET has no body; put the places into the address")
    gateway = Gateway(
        url=url,
        method=method,
        headers=_headers(headers),
        form=form,
        document=document,
        sender=sender,
        home=home,
        success=_expected(success),
        again=_expected(again),
    )
    if gateway.again is not None and gateway.success is None:
        raise GatewayError("what means another time needs to know what means success")
    _require_places(gateway)
    return gateway


def _require_places(gateway: Gateway) -> None:
    """Let pass a gateway that is told the number and the text, and nothing unknown."""
    told = set(_PLACE.findall(gateway.url))
    told |= {name for _, value in gateway.form or () for name in _PLACE.findall(value)}
    told |= {name for text in _strings(gateway.document) for name in _PLACE.findall(text)}
    if unknown := sorted(told - PLACES):
        raise GatewayError(f"{{{unknown[0]}}} is no place; there are {', '.join(sorted(PLACES))}")
    for value in gateway.headers.values():
        if odd := sorted(set(_PLACE.findall(value)) - HEADER_PLACES):
            raise GatewayError(f"{{{odd[0]}}} cannot stand in a header")
    if not told & {"number", "digits", "local"} or "text" not in told:
        raise GatewayError("it must be told the number and the text: {number} and {text}")


def _headers(text: str) -> Mapping[str, str]:
    if not text:
        return {}
    try:
        told = json.loads(text)
    except ValueError as error:
        raise GatewayError("its headers must be a JSON object") from error
    if not isinstance(told, dict):
        raise GatewayError("its headers must be a JSON object")
    for name, value in told.items():
        fine = isinstance(value, str) and value.isascii() and value.isprintable()
        if not fine or not _TOKEN.fullmatch(name):
            raise GatewayError("its headers must have plain names and printable ASCII values")
    return told


def _body(text: str) -> tuple[tuple[tuple[str, str], ...] | None, Any]:
    if not text:
        return None, None
    if text.lstrip().startswith(("{", "[")):
        try:
            return None, json.loads(text)
        except ValueError as error:
            raise GatewayError("its body begins as JSON and is none") from error
    try:
        return tuple(
            urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True)
        ), None
    except ValueError as error:
        raise GatewayError("its body must be JSON, or name=value&name=value") from error


def _expected(text: str) -> Expected | None:
    if not text:
        return None
    path, separator, values = text.partition("=")
    if not separator or not path.strip() or not values.strip():
        raise GatewayError("an expectation must be field=value, as result.code=0")
    return Expected(
        tuple(path.strip().split(".")), frozenset(value.strip() for value in values.split(","))
    )


def _strings(document: Any) -> Iterator[str]:  # noqa: ANN401 - an operator's JSON
    match document:
        case str():
            yield document
        case list():
            for each in document:
                yield from _strings(each)
        case dict():
            for each in document.values():
                yield from _strings(each)
        case _:
            pass


def _filled(document: Any, known: Mapping[str, str]) -> Any:  # noqa: ANN401 - as above
    match document:
        case str():
            return _fill(document, known)
        case list():
            return [_filled(each, known) for each in document]
        case dict():
            return {name: _filled(each, known) for name, each in document.items()}
        case _:
            return document


def _fill(template: str, known: Mapping[str, str]) -> str:
    """Fill each place once; what is filled in is not looked into again."""
    return _PLACE.sub(lambda found: known[found[1]], template)
