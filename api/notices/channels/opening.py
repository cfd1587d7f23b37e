"""The one table of channels."""

from __future__ import annotations

from api.notices.channels import Channels, sms
from api.notices.channels.mail import Mail
from api.notices.channels.push import Push
from api.notices.channels.webhook import Webhook
from api.settings import Settings
from schemas.notices import NoticeChannel


def opened(settings: Settings) -> Channels:
    """Open every channel, as this server is set up."""
    return {
        NoticeChannel.PUSH: Push(settings),
        NoticeChannel.SMS: sms.opened(settings),
        NoticeChannel.WEBHOOK: Webhook(settings),
        NoticeChannel.MAIL: Mail(settings),
    }
