"""The handheld program's settings, read once at its start and checked whole."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import pathlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from field_sync import errors
from field_sync.words import Lang

PREFIX: Final = "FIELD_SYNC_"
_HOME: Final = ".field-sync"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person may set: where the store lies, and the language.

    Environment: `FIELD_SYNC_HOME` (default `~/.field-sync`) and `FIELD_SYNC_LANG` (`zh` or `en`;
    by default as `LANG` says).
    """

    home: pathlib.Path
    lang: Lang


def from_environment(
    environment: Mapping[str, str], *, home: pathlib.Path | None = None, lang: str | None = None
) -> Settings:
    """Read the settings; what the command line says goes before the environment.

    Args:
        environment: the process's variables.
        home: the folder that the command line names.
        lang: the language that the command line names.

    Raises:
        WrongSetting: the language is none of ours.
    """
    spoken = lang or environment.get(f"{PREFIX}LANG") or _of_system(environment.get("LANG", ""))
    if spoken not in set(Lang):
        raise errors.WrongSetting(name="lang", reason="zh | en")
    folder = home or pathlib.Path(environment.get(f"{PREFIX}HOME") or pathlib.Path.home() / _HOME)
    return Settings(home=folder.expanduser(), lang=Lang(spoken))


def of_process(*, home: pathlib.Path | None = None, lang: str | None = None) -> Settings:
    """Read the settings of this process; what the command line says goes first.

    Raises:
        WrongSetting: the language is none of ours.
    """
    return from_environment(os.environ, home=home, lang=lang)


def server_address(raw: str) -> str:
    """Check the server's address.

    Tokens and work travel over it, so it is `https`; plain `http` only to this machine itself or
    to a private network.

    Raises:
        WrongSetting: it is no address, or not a safe one.
    """
    parts = urlsplit(raw.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise errors.WrongSetting(name="server", reason="https://host[:port]")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise errors.WrongSetting(name="server", reason="https, or http on a private network")
    return raw.strip().rstrip("/")


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _of_system(locale: str) -> str:
    return Lang.ZH if locale.lower().startswith("zh") else Lang.EN
