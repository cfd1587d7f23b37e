"""Where a device hears notices: put there by its phone, taken away by it, or when it is revoked."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from api.acts import Act, Principal
from api.crews import service as crews
from api.notices import addresses, store
from api.notices.channels import push, vapid
from api.settings import Settings
from schemas import notices as shapes
from schemas.errors import Refused

_PAGE: Final = 500
_AUTH_BYTES: Final = 16


class PushOff(Refused):
    """This house sends no push. Its operator turns it on by naming a contact in the settings."""

    code = "push-off"
    status = 409
    en = "This server sends no notices to sleeping phones; its operator has not turned it on."
    zh = "本系统未启用推送通知，请联系系统管理员。"


class PushNeedsDevice(Refused):
    """Notices go to enrolled devices. Enrol this device (`POST /v1/devices`) and use its tokens."""

    code = "push-needs-device"
    status = 403
    en = "Only an enrolled device can be sent notices; enrol this one first."
    zh = "只有已登记的设备才能接收推送通知，请先登记此设备。"


class PushAddressRefused(Refused):
    """Notices are not sent to such an address. Subscribe anew; this one is no push service's."""

    code = "push-address-refused"
    status = 422
    en = "Notices are not sent to this address: {fault}."
    zh = "无法向该推送地址发送通知（{fault}）。"


class PushKeyWrong(Refused):
    """The subscription's keys are not those of a browser. Subscribe anew and send them as given."""

    code = "push-key-wrong"
    status = 422
    en = "The keys of the subscription are not those of a browser."
    zh = "推送订阅的密钥无效。"


def public_key(session: Session, *, act: Act, settings: Settings) -> shapes.PushKey:
    """Give the key that a browser ties a subscription to; it is made when it is first asked for.

    Raises:
        PushOff: the operator has not turned push on.
    """
    _require_on(settings)
    return shapes.PushKey(key=vapid.opened(session, now=act.received_at).public)


def subscribe(
    session: Session, *, act: Act, settings: Settings, asked: shapes.PushSubscription
) -> shapes.PushSubscribed:
    """Let the device that speaks hear notices at a place, instead of any before.

    Raises:
        PushOff: the operator has not turned push on.
        PushNeedsDevice: no device speaks.
        PushAddressRefused: it is not https with a public name.
        PushKeyWrong: its keys are not those of a browser.
    """
    _require_on(settings)
    device_id = _device_of(act.principal)
    try:
        addresses.read(asked.endpoint, private=settings.private_receivers)
    except addresses.AddressRefusedError as error:
        raise PushAddressRefused(fault=str(error)) from error
    _require_keys(asked)
    row = {
        "device_id": device_id,
        "endpoint": asked.endpoint,
        "p256dh": asked.p256dh,
        "auth": asked.auth,
        "lang": str(asked.lang),
        "since": act.received_at,
    }
    store.put_subscription(session, row)
    return shapes.PushSubscribed(since=act.received_at)


def unsubscribe(session: Session, *, act: Act) -> None:
    """Let the device that speaks hear no more notices; again changes nothing.

    Raises:
        PushNeedsDevice: no device speaks.
    """
    store.drop_subscription(session, device_id=_device_of(act.principal))


def forget_revoked(session: Session) -> int:
    """Let devices hear no more notices that are revoked, or whose people left; tell how many."""
    forgotten, after_id = 0, ""
    while page := store.page_of_subscribed(session, after_id=after_id, limit=_PAGE):
        after_id = page[-1]
        active = crews.active_among(session, device_ids=page)
        for device_id in page:
            if device_id not in active:
                forgotten += store.drop_subscription(session, device_id=device_id)
    return forgotten


def _require_on(settings: Settings) -> None:
    if not settings.push_contact:
        raise PushOff


def _device_of(principal: Principal) -> str:
    if principal.device_id is None:
        raise PushNeedsDevice
    return principal.device_id


def _require_keys(asked: shapes.PushSubscription) -> None:
    try:
        point, secret = push.bytes_of(asked.p256dh), push.bytes_of(asked.auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise PushKeyWrong from error
    if len(secret) != _AUTH_BYTES:
        raise PushKeyWrong
