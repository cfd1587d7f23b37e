"""What `field-sync` says, in English and in Chinese, the trade words as in docs/dictionary.md."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Lang(StrEnum):
    """The languages of the house."""

    EN = "en"
    ZH = "zh"


_TABLE: Final[Mapping[str, tuple[str, str]]] = {
    # What a command says when it has done its work.
    "enrolled": (
        "Enrolled for {person}. Fetch the work with `field-sync sync`.",
        "已为{person}登记。请运行 field-sync sync 下载工作。",
    ),
    "signed_in": ("Signed in again as {person}.", "{person}已重新登录。"),
    "saved": (
        "Saved on this handheld (no. {n}); {waiting} waiting to be sent.",
        "已保存在本机（第 {n} 条）；待上传 {waiting} 条。",
    ),
    "checked_in": ("Arrival: {verdict}. {numbers}", "到场判定：{verdict}。{numbers}"),
    "distance": ("{distance_m:.0f} m from the site", "距现场 {distance_m:.0f} 米"),
    "synced": (
        "In step with the office. Sent: {sent}; nothing is only here.",
        "已与办公室同步。本次上传 {sent} 条；没有仅在本机的记录。",
    ),
    "partly_synced": (
        "The office has {sent} more. Still only here: {operations} operations and {files} files.",
        "本次上传 {sent} 条。仍仅保存在本机：{operations} 条记录、{files} 个文件。",
    ),
    "not_synced": (
        "Kept here: {operations} operations and {files} files.",
        "本机保留：{operations} 条记录、{files} 个文件。",
    ),
    "exceptions": (
        "{count} records were not simply applied; see `field-sync status`.",
        "有 {count} 条记录未直接生效，请运行 field-sync status 查看。",
    ),
    "exported": ("{count} operations written to {path}.", "已将 {count} 条记录写入 {path}。"),
    "drawn": ("{count} shapes written to {path}.", "已将 {count} 个图形写入 {path}。"),
    "empty": (
        "No work on this handheld; sync where there is signal.",
        "本机没有工作，请在有信号处同步。",
    ),
    "waits_until": ("{state} until {until}", "{state}至 {until}"),
    "unread": (
        "{count} new messages; read them with `field-sync messages`.",
        "有 {count} 条新消息，请运行 field-sync messages 查看。",
    ),
    "no_messages": ("No messages.", "没有消息。"),
    "progress": (
        "{read} read, {skipped} skipped, {open} open of {stops}",
        "共 {stops} 户：已抄 {read}，未抄到 {skipped}，待抄 {open}",
    ),
    "confirm": ("Is it right all the same?", "确认无误？"),
    "password": ("Password", "密码"),
    # Phases of a round.
    "asking": ("Asking how far the server got", "查询服务器进度"),
    "pushing": ("Sending what was done", "上传记录"),
    "pulling": ("Fetching what is new", "下载更新"),
    "uploading": ("Sending files", "上传文件"),
    "refreshing": ("Renewing the session", "更新会话"),
    # Column heads and lines of the status.
    "order": ("order", "工单"),
    "what": ("what", "内容"),
    "state": ("state", "状态"),
    "where": ("where", "地点"),
    "due": ("due in", "剩余时间"),
    "unsent": ("unsent", "未上传"),
    "seq": ("no.", "序号"),
    "serial": ("meter", "表号"),
    "access": ("access", "进门提示"),
    "keys": ("key: {keys}", "钥匙：{keys}"),
    "dogs": ("dog: {dogs}", "有狗：{dogs}"),
    "other_meter": ("another meter; the office looks into it", "现场为另一只表，办公室核实中"),
    "person": ("Person", "人员"),
    "device": ("Device", "设备"),
    "server": ("Server", "服务器"),
    "safety": ("Safe at the office", "办公室已保存"),
    "all_safe": ("everything", "全部"),
    "not_all_safe": ("not everything; see below", "尚未全部保存，见下"),
    "waiting": ("Operations only here", "仅在本机的记录"),
    "waiting_since": ("{count}, the oldest of {since}", "{count} 条，最早为 {since}"),
    "files_waiting": ("Files only here", "仅在本机的文件"),
    "files_size": ("{count} ({megabytes:.1f} MB)", "{count} 个（{megabytes:.1f} MB）"),
    "outstanding": ("Last push", "上次上传"),
    "outstanding_told": (
        "sent, its answer is outstanding; the next sync asks first",
        "已发出，尚未收到应答；下次同步先核对",
    ),
    "lost": ("Lost", "已丢失"),
    "lost_told": (
        "{count} settled operations; the server was put back from a backup; tell the office",
        "{count} 条已确认的记录；服务器曾从备份恢复，请告知办公室",
    ),
    "wiped_told": ("revoked by the office", "已被办公室停用"),
    "files_refused": ("Files refused", "被拒文件"),
    "synced_at": ("Last sync", "上次同步"),
    "clock": ("Clock of this handheld", "本机时钟"),
    "clock_off": ("{offset_s:+.0f} s against the office (+/- {error_s:.0f} s)",
                  "与办公室相差 {offset_s:+.0f} 秒（±{error_s:.0f} 秒）"),
    "session": ("Session", "会话"),
    "never": ("never", "从未"),
    "signed_out": ("signed out; capture goes on", "已退出；仍可记录"),
    "open_session": ("open", "有效"),
    "late": ("{minutes} min late", "超时 {minutes} 分钟"),
    "late_here": (
        "{minutes} min late here; undecided until you sync",
        "本机显示超时 {minutes} 分钟，同步后定论",
    ),
    "minutes": ("{minutes} min", "{minutes} 分钟"),
    "near": ("{minutes} min, near its end", "{minutes} 分钟，即将到期"),
    "stands_still": ("stands still", "暂停计时"),
    # What work may be returned or suspended for.
    "reason": ("reason", "原因"),
    "code": ("code", "代码"),
    "given_for": ("for", "用于"),
    "clocks": ("clocks", "计时"),
    "run_on": ("run on", "继续计时"),
    "holds": ("stand still: {kinds}", "暂停：{kinds}"),
    "no_reasons": (
        "No reasons are known here yet; sync, or say it in words.",
        "本机尚无原因列表，请同步，或直接说明。",
    ),
    "care": ("CARE", "特殊关怀"),
    # Why a reason is not concrete.
    "blank": ("it is blank", "为空"),
    "no_words": ("it has no words", "没有文字"),
    "too_short": ("it is too short", "太短"),
    "too_long": ("it is too long", "太长"),
    "vague": ("it says nothing", "过于笼统"),
    # Why what was picked as a reason cannot stand.
    "unknown": ("it has no such reason for this", "没有此类原因"),
    "own_words": ("words alone are not enough", "仅有文字说明不够，须选择原因"),
    "no_end": ("say until when", "须说明预计恢复时间"),
    # Why a window cannot be promised.
    "over": ("it is over already", "时段已过"),
    "backwards": ("it ends before it begins", "结束早于开始"),
    "too_far": ("it is too far ahead", "时间过远"),
    # Verdicts.
    "inside": ("inside", "在现场"),
    "unsure": ("unsure", "不确定"),
    "outside": ("outside", "不在现场"),
    # The life of an order.
    "reported": ("reported", "待派单"),
    "dispatched": ("dispatched", "已派单"),
    "accepted": ("accepted", "已接单"),
    "en_route": ("on the way", "途中"),
    "arrived": ("arrived", "已到场"),
    "working": ("working", "作业中"),
    "restored": ("restored", "已复电"),
    "finished": ("finished", "已完工"),
    "called_back": ("called back", "已回访"),
    "archived": ("archived", "已归档"),
    "returned": ("returned", "已退单"),
    "suspended": ("suspended", "已挂起"),
    "cancelled": ("cancelled", "已取消"),
    "accept": ("accept", "接单"),
    "set_out": ("set out", "出发"),
    "arrive": ("check in", "到场签到"),
    "start": ("start", "开工"),
    "restore": ("restored", "复电"),
    "finish": ("finish", "完工"),
    "return": ("return", "退单"),
    "suspend": ("suspend", "挂起"),
    "resume": ("resume", "恢复"),
    "stop": ("stop", "抄表点"),
    "route": ("route", "抄表路线"),
    "meter": ("meter", "电表"),
    "promise": ("promise", "承诺"),
    # Stops and outcomes.
    "open": ("open", "待抄"),
    "read": ("read", "已抄"),
    "skipped": ("skipped", "未抄到"),
    "merged": ("merged", "已合并"),
    "conflict": ("conflict", "有冲突"),
    "held": ("held", "暂存"),
    "rejected": ("rejected", "被拒绝"),
}  # fmt: skip


def say(lang: Lang, key: str, **fields: object) -> str:
    """Say a sentence or word in a language, with its numbers."""
    en, zh = _TABLE[key]
    return (zh if lang is Lang.ZH else en).format_map(fields)


def trade(lang: Lang, word: str) -> str:
    """Translate a trade word (a state, a step, or a list of them); unknown ones stay."""
    parts = [part.strip() for part in word.split(",")]
    told = [say(lang, part) if part in _TABLE else part for part in parts]
    return ("、" if lang is Lang.ZH else ", ").join(told)
