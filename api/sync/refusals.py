"""What sync refuses, as a request or as one operation."""

from __future__ import annotations

from schemas.errors import Refused


class DeviceNeeded(Refused):
    """Only an enrolled device syncs. Enrol this device (`POST /v1/devices`) and use its tokens."""

    code = "device-needed"
    status = 403
    en = "Only an enrolled device can sync; enrol this one first."
    zh = "只有已登记的设备才能同步，请先登记此设备。"


class ProtocolUnknown(Refused):
    """This server speaks another version of the protocol. Update the app or the server."""

    code = "protocol-unknown"
    status = 422
    en = "This server speaks protocol {spoken}, not {asked}."
    zh = "服务器支持的协议版本为 {spoken}，不支持 {asked}。"


class CursorUnknown(Refused):
    """The cursor is none that a server wrote. Drop it and pull afresh; the outbox stays."""

    code = "cursor-unknown"
    status = 422
    en = "The cursor cannot be read; pull without one."
    zh = "无法识别同步游标，请不带游标重新拉取。"


class SignatureMissing(Refused):
    """The push is not signed by the device's key. Sign its head and push again.

    Nothing was settled; the operations are kept for the office, and the phone keeps its outbox.
    A phone that has lost its key is revoked and enrolled anew.
    """

    code = "signature-missing"
    status = 403
    en = "This push is not signed by the key of device {device_id}; sign it and send it again."
    zh = "本次上传没有设备 {device_id} 密钥的签名，请签名后重新上传。"


class SignatureWrong(Refused):
    """The signature does not vouch for these operations. Sign the last one and push again.

    Nothing was settled; the operations are kept for the office, and the phone keeps its outbox.
    A phone that has lost its key is revoked and enrolled anew.
    """

    code = "signature-wrong"
    status = 403
    en = "The signature is not that of device {device_id} over these records; sign and send again."
    zh = "签名与设备 {device_id} 的密钥或所上传的记录不符，请重新签名后上传。"


class LastWordsRefused(Refused):
    """These are not the signed words of a device with a key. Sign them with the device's key.

    A device from before there were keys has none; hand it in, and let the office export its outbox.
    """

    code = "last-words-refused"
    status = 401
    en = "These last words are not signed by the key of an enrolled device."
    zh = "未能以已登记设备的密钥验证这些记录。"


class DeviceStands(Refused):
    """The device is not revoked. Sync as every day; nothing was kept here."""

    code = "device-stands"
    status = 409
    en = "Device {device_id} is not revoked; sync as usual."
    zh = "设备 {device_id} 未被停用，请正常同步。"


class OperationUnreadable(Refused):
    """The operation does not have the shape it must have. It is kept; the office can read it."""

    code = "operation-unreadable"
    status = 422
    en = "This record cannot be read: {reason}. It is kept for the office."
    zh = "无法读取该记录：{reason}。原始内容已保留，供调度室查看。"


class OperationUnknown(Refused):
    """A newer app made this. It is held until the server knows the type; nothing to do."""

    code = "operation-unknown"
    status = 422
    outcome = "held"
    en = "This server does not know {type} version {version} yet; the record is held."
    zh = "服务器尚不支持 {type} 第 {version} 版；该记录已暂存。"


class SequenceGap(Refused):
    """Records before this one have not arrived. Send them first; this one is still on the phone."""

    code = "sequence-gap"
    status = 409
    outcome = "held"
    en = "Record {expected} has not arrived; send it before {n}."
    zh = "尚未收到第 {expected} 条记录，请先发送它再发送第 {n} 条。"


class SequenceFork(Refused):
    """Another phone used this number (a copy or a restored backup). Tell the office; it is kept."""

    code = "sequence-fork"
    status = 409
    outcome = "held"
    en = "Number {n} was used before by another record of this device; both are kept."
    zh = "本设备的第 {n} 号已被另一条记录占用；两条均已保留。"


class OperationFailed(Refused):
    """The server failed on this record. It is kept whole and will be looked at; go on working."""

    code = "operation-failed"
    status = 500
    outcome = "held"
    en = "The server could not apply this record; it is kept and will be looked at."
    zh = "服务器未能处理该记录；记录已保留，将由人员检查。"


class OperationDuplicate(Refused):
    """The same record came before, from this device or another. Nothing to do; it counts once."""

    code = "operation-duplicate"
    status = 409
    outcome = "duplicate"
    en = "This record ({id}) came before; it counts once."
    zh = "该记录（{id}）此前已收到，只计一次。"
