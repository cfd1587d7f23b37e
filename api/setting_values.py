"""What the text of a setting may be: each function reads one, or says what it must be.

Each raises a ValueError whose message goes on from the setting's name: "must be true or false".
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from typing import Final

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


class Unshown(ValueError):  # noqa: N818 - a sentence, like that of ValueError
    """A value that may hold a secret, so the problem does not repeat it."""


def whole(low: int, high: int) -> Callable[[str], int]:
    """Make a reader of whole numbers within limits."""

    def parse(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
            message = f"must be a whole number from {low} to {high}"
            raise ValueError(message)
        return int(raw)

    return parse


def flag(raw: str) -> bool:
    """Read whether something is so."""
    if raw.lower() not in _TRUE | _FALSE:
        message = "must be true or false"
        raise ValueError(message)
    return raw.lower() in _TRUE


def url(raw: str) -> str:
    """Read the address of a database."""
    if not raw.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        message = "must start with sqlite:/// or postgresql://"
        raise ValueError(message)
    return raw


def bucket_url(raw: str) -> str:
    """Read where an S3 store keeps files."""
    place = urllib.parse.urlsplit(raw)
    if "@" in raw or place.query or place.fragment:
        message = "must hold nothing but s3://bucket/prefix; keys come from AWS_ACCESS_KEY_ID"
        raise Unshown(message)
    if place.scheme != "s3" or not place.netloc:
        message = "must be s3://bucket or s3://bucket/prefix"
        raise ValueError(message)
    return raw


def http_url(raw: str) -> str:
    """Read an address of the web, without credentials."""
    if "@" in raw:
        message = "must hold no credentials"
        raise Unshown(message)
    if not raw.startswith(("http://", "https://")):
        message = "must start with http:// or https://"
        raise ValueError(message)
    return raw


def public_url(raw: str) -> str:
    """Read the address at which others reach this server."""
    place = urllib.parse.urlsplit(http_url(raw))
    if not place.netloc or place.query or place.fragment or place.path.strip("/"):
        message = "must be the scheme and the host alone, as https://office.example"
        raise ValueError(message)
    return f"{place.scheme}://{place.netloc}"


def contact(raw: str) -> str:
    """Read how somebody is reached who runs this server."""
    if not raw.startswith(("mailto:", "https://")) or " " in raw:
        message = "must start with mailto: or https://"
        raise ValueError(message)
    return raw


def smtp_url(raw: str) -> str:
    """Read where mail is handed over; it may hold a password."""
    place = urllib.parse.urlsplit(raw)
    fine = place.scheme in {"smtp", "smtps", "smtp+plain"} and place.hostname
    if not fine or place.path.strip("/") or place.query or place.fragment:
        message = "must be smtp://user:password@host:587, smtps:// or smtp+plain://"
        raise Unshown(message)
    return raw


def mailbox(raw: str) -> str:
    """Read a mailbox."""
    if not re.fullmatch(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,189}", raw):
        message = "must be a mailbox, as lamplighter@utility.example"
        raise ValueError(message)
    return raw


def text(raw: str) -> str:
    """Read what must not be empty."""
    if not raw.strip():
        message = "must not be empty"
        raise ValueError(message)
    return raw


def one_of(*choices: str) -> Callable[[str], str]:
    """Make a reader of one of some words."""

    def parse(raw: str) -> str:
        if raw not in choices:
            message = f"must be one of {', '.join(choices)}"
            raise ValueError(message)
        return raw

    return parse


def secret(raw: str) -> str:
    """Read what may hold a secret, and is never said again."""
    if not raw.strip():
        message = "must not be empty"
        raise Unshown(message)
    return raw
