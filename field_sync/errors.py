"""What the handheld refuses, and what it says when the server or the network does.

Every class is expected: a person can read its sentence and act on it.
"""

from __future__ import annotations

from schemas.errors import Problem, Refused


class NotEnrolled(Refused):
    """This handheld belongs to nobody yet. Enrol it while there is signal."""

    code = "handheld-not-enrolled"
    en = "This handheld is not enrolled yet; run `field-sync enrol` where there is signal."
    zh = "本机尚未登记，请在有信号处运行 field-sync enrol 进行登记。"


class AlreadyEnrolled(Refused):
    """The store belongs to a device already. Use another folder for another person."""

    code = "handheld-already-enrolled"
    en = "This store belongs to {device} already; use another folder (--home) for another device."
    zh = "本数据目录已登记为设备 {device}；其他设备请使用另一目录（--home）。"


class Wiped(Refused):
    """The office has revoked this device: its work records are gone, its unsent acts are kept."""

    code = "handheld-wiped"
    en = "The office has revoked this handheld: {notice} Hand it in; what you did is still on it."
    zh = "本机已被办公室停用：{notice} 请交回设备，您未上传的记录仍保存在本机。"


class NotOnPhone(Refused):
    """The work is not (or no longer) on this handheld. Look at the worklist, or sync."""

    code = "handheld-lacks-it"
    status = 404
    en = "There is no {what} {id} on this handheld; look at the worklist, or sync first."
    zh = "本机没有{what} {id}，请查看工作清单或先同步。"


class WrongStep(Refused):
    """The order's life does not allow this step now. Do one of the steps that are named."""

    code = "handheld-wrong-step"
    en = "The order is '{state}': '{step}' is not possible now. Possible: {possible}."
    zh = "工单当前为“{state}”，不能执行“{step}”。可执行：{possible}。"


class AlreadyDone(Refused):
    """The step has been done already; there is nothing to do."""

    code = "handheld-already-done"
    en = "The order is '{state}' already: '{step}' has been done."
    zh = "工单已处于“{state}”：“{step}”已完成。"


class NothingChanged(Refused):
    """The order says so already. Name what is otherwise."""

    code = "handheld-nothing-changed"
    status = 422
    en = "The order says so already; name what you found otherwise."
    zh = "工单内容已是如此，请指出需要更正之处。"


class SiteNeedsPosition(Refused):
    """The order has no site yet. Give its position with the words how to get in."""

    code = "handheld-site-needs-position"
    status = 422
    en = "The order has no site yet; give its position too (--fix)."
    zh = "该工单尚无现场位置，请同时提供位置（--fix）。"


class VagueReason(Refused):
    """A reason must say what stands in the way; "busy" does not. Say it in concrete words."""

    code = "handheld-vague-reason"
    status = 422
    en = "The reason is not concrete ({fault}): say what stands in the way."
    zh = "理由不具体（{fault}）：请说明实际原因。"


class ReasonNotAllowed(Refused):
    """The order's policy set does not let this stand. Pick a reason that it has; say until when."""

    code = "handheld-reason-not-allowed"
    status = 422
    en = "This cannot be given as the reason ({fault}); the policy set has: {known}."
    zh = "不能以此为原因（{fault}）；可选：{known}。"


class WindowFaulty(Refused):
    """Nobody can be promised such a window. Mend its times."""

    code = "handheld-window-faulty"
    status = 422
    en = "This window cannot be promised ({fault}): mend its times."
    zh = "不能承诺该时段（{fault}）：请修改时间。"


class NoPromise(Refused):
    """The order has no such promise that still runs. Look at the order, or sync."""

    code = "handheld-lacks-promise"
    status = 404
    en = "The order has no promise {id} that still runs; look at it, or sync first."
    zh = "工单没有进行中的承诺 {id}，请查看工单或先同步。"


class PromiseOver(Refused):
    """The promise is due already; no consent undoes that. Call the customer, and the office."""

    code = "handheld-promise-over"
    en = "The promise was due at {due_at}; it can be agreed anew only before that."
    zh = "该承诺已于 {due_at} 到期；只能在到期之前重新约定。"


class Malformed(Refused):
    """A value does not have the form it must have. Mend it and repeat."""

    code = "handheld-malformed"
    status = 422
    en = "This cannot be stored: {reason}"
    zh = "无法保存：{reason}"


class ConfirmFirst(Refused):
    """The reading looks odd. Read the display again; confirm the prompts if it is right."""

    code = "handheld-confirm-first"
    en = "Look at the display again, and confirm if it is right: {prompts_en}"
    zh = "请再看一次表显，如无误请确认：{prompts_zh}"


class PhotoFirst(Refused):
    """The district asks for a photo of this. Take one, or say in the note why there is none."""

    code = "handheld-photo-first"
    en = "Take a photo first, or say in the note why there is none."
    zh = "请先拍照，或在备注中说明无照片的原因。"


class OnRoute(Refused):
    """The route has a meter with this serial. Read it there."""

    code = "handheld-on-route"
    en = "Meter {serial} is number {sequence} of this route; read it there."
    zh = "电表 {serial} 是本路线第 {sequence} 户，请在该处抄录。"


class SameSerial(Refused):
    """The stop has this serial already. Read the plate again; there may be nothing to report."""

    code = "handheld-same-serial"
    status = 422
    en = "The route says {serial} too; look at the plate again."
    zh = "路线上的表号也是 {serial}，请再核对铭牌。"


class StopsLeft(Refused):
    """Meters of the route are left. Read or skip them, or say how many you leave."""

    code = "handheld-stops-left"
    en = "{left} meters are left: {serials}. Read or skip them, or end it with --left {left}."
    zh = "还有 {left} 户未抄：{serials}。请补抄或登记未抄到，或以 --left {left} 结束。"


class NotOnDisplay(Refused):
    """The meter cannot show such a number. Read the display again."""

    code = "handheld-not-on-display"
    status = 422
    en = "The meter shows {digits} digits and {decimals} decimals; {value} does not fit."
    zh = "该表为 {digits} 位整数、{decimals} 位小数，{value} 不符。"


class AlreadyKept(Refused):
    """The same file is kept for this work already; there is nothing to do."""

    code = "handheld-already-kept"
    en = "This file has been kept for this work already."
    zh = "该文件已为此工单保存过。"


class NotAFile(Refused):
    """The file cannot be read. Check the path."""

    code = "handheld-no-file"
    status = 404
    en = "The file {path} cannot be read."
    zh = "无法读取文件 {path}。"


class FileTooLarge(Refused):
    """The file is larger than evidence may be. Take the photo in a smaller size."""

    code = "handheld-file-too-large"
    status = 413
    en = "The file has {size_bytes} bytes; at most {bytes_max} are allowed."
    zh = "文件为 {size_bytes} 字节，最大允许 {bytes_max} 字节。"


class OutboxFull(Refused):
    """Too much waits to be sent. Find signal and sync before you go on."""

    code = "handheld-outbox-full"
    en = "{waiting} operations wait to be sent, the limit is {limit}; sync before you go on."
    zh = "已有 {waiting} 条记录待上传（上限 {limit}），请先同步。"


class DiskFull(Refused):
    """Nothing was saved: the handheld has no space left. Free some and repeat."""

    code = "handheld-disk-full"
    status = 507
    en = "Not saved: this handheld has no space left. Free some and do it again."
    zh = "未保存：本机存储空间不足，请清理后重试。"


class StoreBusy(Refused):
    """Another program holds the store. Wait a moment and repeat."""

    code = "handheld-store-busy"
    status = 503
    en = "Another program is using the store; nothing was changed. Try again in a moment."
    zh = "其他程序正在使用本机数据，未作更改，请稍后重试。"


class StoreTooNew(Refused):
    """A newer version of this program made the store. Update the program."""

    code = "handheld-store-too-new"
    en = "The store has version {found}, this program knows {known}: update the program."
    zh = "本机数据版本为 {found}，本程序仅支持 {known}，请更新程序。"


class KeyUnreadable(Refused):
    """The device's key is there and cannot be read. Restore it, or have the office allow another.

    Then sign in with `field-sync enrol --new-key`.

    What the crew did stays on the handheld meanwhile.
    """

    code = "handheld-key-unreadable"
    status = 500
    en = "The device's key {path} cannot be read; nothing is sent without it and nothing is lost."
    zh = "无法读取设备密钥 {path}；没有密钥不会上传，数据仍保存在本机。"


class NoSignal(Refused):
    """The server was not reached, or its answer was lost. Nothing is lost; try again later."""

    code = "handheld-no-signal"
    status = 503
    en = "The server was not reached. Everything is kept here; sync again when there is signal."
    zh = "未能连接服务器。所有记录已保存在本机，有信号后请再次同步。"

    @property
    def retry_after_s(self) -> float | None:
        """How long the server asked us to wait, if it was the server who spoke."""
        wait_s = self.fields.get("retry_after_s")
        return float(wait_s) if isinstance(wait_s, int | float) else None


class AnswerCut(NoSignal):
    """The line broke in the middle of an answer. Nothing is lost; the next one is asked shorter."""

    code = "handheld-answer-cut"
    status = 503
    en = "The line broke in the middle of the server's answer. Sync goes on where it was."
    zh = "接收服务器应答时连接中断，下次同步将从中断处继续。"


class SignedOut(Refused):
    """The session has ended. Sign in again; meanwhile everything is still recorded."""

    code = "handheld-signed-out"
    status = 401
    en = "You are signed out; run `field-sync enrol` again. Your work is still recorded here."
    zh = "您已退出登录，请重新运行 field-sync enrol。期间的工作仍会保存在本机。"


class TokenRefused(Refused):
    """The server does not take the token (any more). Refresh it, or sign in again."""

    code = "handheld-token-refused"
    status = 401
    en = "The server does not accept this session any more."
    zh = "服务器已不接受当前会话。"


class Revoked(Refused):
    """The office has revoked this device; the server tells it so."""

    code = "handheld-revoked"
    status = 401
    en = "The office has revoked this handheld."
    zh = "办公室已停用本机。"


class ServerRefused(Refused):
    """The server understood and refused; its own words say why."""

    code = "handheld-server-refused"
    en = "The server refused ({server_code}): {server_en}"
    zh = "服务器拒绝（{server_code}）：{server_zh}"

    @classmethod
    def saying(cls, problem: Problem) -> ServerRefused:
        """Carry the server's own words."""
        return cls(
            server_code=problem.code,
            server_en=problem.detail.en,
            server_zh=problem.detail.zh,
            server_status=problem.status,
        )


class AnswerUnreadable(Refused):
    """The answer was not one of our server's. Check the address; some networks answer for it."""

    code = "handheld-answer-unreadable"
    status = 502
    en = "The answer did not come from a Lamplighter server ({reason}); check address and network."
    zh = "收到的应答不是来自 Lamplighter 服务器（{reason}），请检查地址和网络。"


class WrongSetting(Refused):
    """A setting is wrong. Mend it and start again."""

    code = "handheld-wrong-setting"
    status = 422
    en = "{name} is wrong: {reason}."
    zh = "设置 {name} 有误：{reason}。"


class WhichRoute(Refused):
    """There is not exactly one route on this handheld. Name the one that you mean."""

    code = "handheld-which-route"
    status = 422
    en = "Say which route: {routes}."
    zh = "请指明抄表路线：{routes}。"


class NotWritten(Refused):
    """The file could not be written, or it exists already. Choose another path."""

    code = "handheld-not-written"
    en = "{path} cannot be written: {reason}."
    zh = "无法写入 {path}：{reason}。"
