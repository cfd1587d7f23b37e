"""The face of notices: what every other capability and the doors call."""

from api.notices.service.office import NoticeNotDead, list_notices, retry
from api.notices.service.subscribing import (
    PushAddressRefused,
    PushKeyWrong,
    PushNeedsDevice,
    PushOff,
    forget_revoked,
    public_key,
    subscribe,
    unsubscribe,
)
from api.notices.service.telling import forget_ended, is_any_ready, tell

__all__ = [
    "NoticeNotDead",
    "PushAddressRefused",
    "PushKeyWrong",
    "PushNeedsDevice",
    "PushOff",
    "forget_ended",
    "forget_revoked",
    "is_any_ready",
    "list_notices",
    "public_key",
    "retry",
    "subscribe",
    "tell",
    "unsubscribe",
]
