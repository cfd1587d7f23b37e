"""The face of notices: what every other capability and the doors call."""

from api.notices.publishing import publish
from api.notices.service.office import NoticeNotDead, get_notice, list_notices, retry
from api.notices.service.receivers import (
    MailOff,
    ReceiverAddressRefused,
    ReceiverEventUnfit,
    ReceiversFull,
    ReceiverUnsigned,
    add_receiver,
    change_receiver,
    get_receiver,
    list_receivers,
    remove_receiver,
    retry_receiver,
    rotate_secret,
    send_test,
)
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
from api.notices.service.texting import Outcome, Text, outcomes, text, withdraw

__all__ = [
    "MailOff",
    "NoticeNotDead",
    "Outcome",
    "PushAddressRefused",
    "PushKeyWrong",
    "PushNeedsDevice",
    "PushOff",
    "ReceiverAddressRefused",
    "ReceiverEventUnfit",
    "ReceiverUnsigned",
    "ReceiversFull",
    "Text",
    "add_receiver",
    "change_receiver",
    "forget_ended",
    "forget_revoked",
    "get_notice",
    "get_receiver",
    "is_any_ready",
    "list_notices",
    "list_receivers",
    "outcomes",
    "public_key",
    "publish",
    "remove_receiver",
    "retry",
    "retry_receiver",
    "rotate_secret",
    "send_test",
    "subscribe",
    "tell",
    "text",
    "unsubscribe",
    "withdraw",
]
