"""The one table of channels."""

from __future__ import annotations

from api.notices.channels import Channels
from api.notices.channels.push import Push
from api.settings import Settings
from schemas.notices import NoticeChannel


def opened(settings: Settings) -> Channels:
    """Open every channel, as this server is set up."""
    return {NoticeChannel.PUSH: Push(settings)}
