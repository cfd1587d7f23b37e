"""The parts of a bundle's page: tables of what happened, in Chinese and English side by side."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from api.custody.bundles.checking import reading
from api.custody.bundles.checking.operations import Standing
from api.custody.bundles.html import Child, Html, element, joined
from schemas import base, bundles, custody, evidence, tasks
from schemas.bundles import FileStanding
from schemas.checkins import RecordedCheckIn
from schemas.errors import Words
from schemas.places import Fix
from schemas.promises import Clock

Line = tuple[bool, Html]
"""Whether something is proven, and the words for it."""
_EVENTS: Final[Mapping[str, Words]] = MappingProxyType(
    {event.value: Words(en=event.value, zh=zh) for event, zh in tasks.EVENT_ZH.items()}
    | {
        "report": Words(en="report", zh="报修"),
        "note": Words(en="note", zh="备注"),
        "look": Words(en="look", zh="核实"),
        "amend": Words(en="amend", zh="更正"),
        "edit": Words(en="edit", zh="编辑"),
        "promise": Words(en="promise", zh="承诺"),
        "reagree": Words(en="agree anew", zh="改约"),
        "waive": Words(en="waive", zh="豁免"),
        "chase": Words(en="chase", zh="催办"),
    }
)
_FILES: Final[Mapping[FileStanding, Words]] = MappingProxyType(
    {
        FileStanding.HERE: Words(en="in the bundle", zh="在包内"),
        FileStanding.MISSING: Words(en="has not arrived", zh="尚未送达"),
        FileStanding.WAIVED: Words(en="will not come; waived", zh="不会送达，已豁免"),
        FileStanding.ALTERED: Words(en="altered on the server's disk", zh="在服务器磁盘上已被改动"),
        FileStanding.LOST: Words(en="had arrived and is lost", zh="曾送达，现已丢失"),
    }
)
_STANDINGS: Final[Mapping[Standing, Words]] = MappingProxyType(
    {
        Standing.signed: Words(
            en="signed by the device's key, as the bundle alone shows",
            zh="由终端密钥签名，凭本包即可验证",
        ),
        Standing.stated: Words(
            en="as received by the server; between it and what the device signed lie operations of "
            "other orders, of which the bundle holds only the hashes",
            zh="与服务器收到的一致；它与终端签名之间隔有其他工单的记录，本包仅含其哈希",
        ),
        Standing.unsigned: Words(
            en="as received by the server; no signature of the device over it is known",
            zh="与服务器收到的一致；没有终端签名",
        ),
        Standing.let_in: Words(
            en="not let in by itself; a person of the office accepted it",
            zh="未自动收录，由后台人员接受",
        ),
        Standing.kept_out: Words(
            en="kept out; it has no part in the order", zh="未予收录，不计入工单"
        ),
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Who:
    """What people and crews are called, and the zone in which times are written."""

    names: Mapping[str, str]
    zone: zoneinfo.ZoneInfo

    def named(self, one: str | None) -> str:
        """Write a name with its id."""
        if one is None:
            return ""
        name = self.names.get(one)
        return f"{name} ({one})" if name else one

    def at(self, instant: dt.datetime | None) -> str:
        """Write an instant in the district's zone."""
        if instant is None:
            return ""
        return instant.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S %z")

    def happened(self, instant: dt.datetime, error_s: float, *, suspect: bool) -> Html:
        """Write when something happened, and how surely."""
        doubt = both("clock suspect", "时钟存疑") if suspect else None
        return joined(f"{self.at(instant)} ± {error_s:.1f} s ", doubt)


def both(en: str, zh: str) -> Html:
    """Write words in both languages."""
    return joined(element("span", zh, lang="zh-CN"), " ", element("span", en, lang="en"))


def table(*rows: Html) -> Html:
    """Make a table."""
    return element("table", *rows)


def row(name: Html, *cells: Child) -> Html:
    """Make a row with a name."""
    return element("tr", element("th", name), *(element("td", cell) for cell in cells))


def timeline(lines: bytes, who: Who) -> Html:
    """Show what happened, in the order in which it was heard."""
    rows = [
        _heads(
            ("No.", "序号"),
            ("Happened", "发生时间"),
            ("Heard", "收到时间"),
            ("What", "事件"),
            ("By", "人员"),
            ("Detail", "内容"),
        )
    ]
    for line in lines.splitlines():
        written = msgspec.json.decode(line, type=reading.Line)
        moment = base.decode(bytes(written.moment), tasks.Moment)
        rows.append(
            _row(
                moment.number,
                who.happened(moment.happened_at, moment.error_s, suspect=moment.clock_suspect),
                who.at(moment.received_at),
                joined(_said(_EVENTS, moment.event), " → ", moment.state, _after(moment.remark)),
                joined(who.named(moment.person_id), _after(moment.device_id)),
                _detail(moment.detail),
            )
        )
    return table(*rows)


def check_ins(found: Sequence[RecordedCheckIn], who: Who) -> Html:
    """Show who said to have arrived, and the verdict."""
    rows = [
        _heads(("Happened", "发生时间"), ("By", "人员"), ("Verdict", "判定"), ("Position", "定位"))
    ]
    rows += [
        _row(
            who.happened(each.happened_at, each.error_s, suspect=each.clock_suspect),
            who.named(each.person_id),
            both(each.words.en, each.words.zh),
            _position(each.fix),
        )
        for each in found
    ]
    return table(*rows)


def clocks(found: Sequence[Clock], who: Who) -> Html:
    """Show the promises that ran on the order."""
    rows = [
        _heads(
            ("Promise", "承诺"),
            ("Started", "开始"),
            ("Due", "到期"),
            ("Stopped", "停止"),
            ("State", "状态"),
        )
    ]
    rows += [
        _row(
            joined(each.kind, element("div", each.source)),
            who.at(each.started_at),
            who.at(each.due_at),
            who.at(each.stopped_at),
            joined(each.state, None if each.sure else both(" (to be looked at)", "（待核实）")),
        )
        for each in found
    ]
    return table(*rows)


def files(found: Sequence[bundles.File], photos: Sequence[bundles.Photo], who: Who) -> Html:
    """Show each declared file, or say why it is not here, and what its bytes say."""
    rows = [_heads(("File", "文件"), ("Declared", "登记"), ("What is known", "说明"))]
    for each, photo in zip(found, photos, strict=True):
        file = each.file
        rows.append(
            _row(
                _shown(each),
                joined(
                    who.happened(file.happened_at, each.error_s, suspect=each.clock_suspect),
                    element("div", who.named(file.declared_by)),
                    element("div", _position(each.fix)),
                    element("div", file.note),
                ),
                joined(
                    element("div", _both(_FILES[each.standing]), " ", file.waived_reason),
                    *(element("div", _both(said.words)) for said in photo.picture.comparisons),
                    *(
                        element("div", _both(said.words), f" [{said.state}] {said.note}")
                        for said in photo.reused
                    ),
                    element("div", element("code", file.sha256)),
                    element("div", _both(evidence.say_original(file.original)))
                    if file.original
                    else None,
                ),
            )
        )
    return table(*rows)


def operations(
    found: Sequence[bundles.Operation], standings: Mapping[str, Standing], who: Who
) -> Html:
    """Show each operation, what became of it and what is shown of it."""
    rows = [
        _heads(
            ("Operation", "操作记录"),
            ("Happened", "发生时间"),
            ("Outcome", "处理结果"),
            ("Proof", "证明"),
        )
    ]
    rows += [
        _row(
            joined(
                element("a", f"{each.type} {each.n}", href=each.path),
                element("div", each.device_id),
            ),
            who.happened(each.happened_at, each.error_s, suspect=each.clock_suspect),
            joined(each.status, " ", _both(each.detail) if each.detail else None),
            _both(_STANDINGS[standings[each.path]]),
        )
        for each in found
    ]
    return table(*rows)


def proof_of_timeline(order: bundles.Order, proof: custody.Proof | None) -> list[Line]:
    """Say what the timeline's chain and its checkpoint show."""
    end = order.timeline
    lines = [
        (
            True,
            both(
                f"The {end.count} moments of the timeline are a chain: none was changed, moved or "
                "left out since it was sealed.",
                f"时间线共 {end.count} 条，首尾相链：自签名以来未被改动、移位或删除。",
            ),
        )
    ]
    if proof is None:
        words = Words(
            en="No checkpoint covers it yet; before the seal, the server alone vouches for it.",
            zh="尚无存证点覆盖；签名之前的内容仅由服务器担保。",
        )
        return [*lines, (False, _both(words))]
    said = base.decode(proof.statement, custody.Statement)
    number, covered = said.number, proof.leaf.count
    at = base.rfc3339(said.at)
    lines.append(
        (
            True,
            both(
                f"Checkpoint {number} of {at} vouches for the first {covered} moments.",
                f"{at} 的第 {number} 号存证点担保前 {covered} 条。",
            ),
        )
    )
    if covered < end.count:
        later = end.count - covered
        words = Words(
            en=f"{later} later moments are in no checkpoint yet.", zh=f"其后 {later} 条尚无存证点。"
        )
        lines.append((False, _both(words)))
    return lines


def proof_of_operations(counts: Mapping[Standing, int]) -> list[Line]:
    """Say of how many operations what is shown."""
    return [
        (standing is Standing.signed, joined(f"{counts[standing]} × ", _both(words)))
        for standing, words in _STANDINGS.items()
        if counts.get(standing)
    ]


def proof_of_files(counts: Mapping[FileStanding, int]) -> list[Line]:
    """Say of how many files what is shown."""
    return [
        (standing is FileStanding.HERE, joined(f"{counts[standing]} × ", _both(words)))
        for standing, words in _FILES.items()
        if counts.get(standing)
    ]


def never_proven() -> list[Line]:
    """Say what no bundle shows."""
    words = Words(
        en="That a scene was not staged, a screen not photographed and a phone not tampered with "
        "is proven by nothing here; a position and a camera's time are claims.",
        zh="现场是否摆拍、是否翻拍屏幕、手机是否被改装，均无法由此证明；定位与相机时间仅为自述。",
    )
    return [(False, _both(words))]


def _shown(file: bundles.File) -> Html:
    """Show a picture that browsers show, and link the rest."""
    if file.path is None:
        return _both(_FILES[file.standing])
    name = f"{file.file.kind} {file.media_type} {file.file.size_bytes:,} B"
    picture = element("img", src=file.path, alt=name) if file.is_shown else None
    return element("a", picture, element("div", name), href=file.path)


def _position(fix: Fix | None) -> Html:
    if fix is None:
        return both("no position", "无定位")
    around = f" ± {fix.accuracy_m:.0f} m" if fix.accuracy_m else ""
    doubt = both("simulated", "模拟定位") if fix.simulated else None
    return joined(f"{fix.lat_deg:.6f}, {fix.lon_deg:.6f} {fix.datum}{around} ", doubt)


def _detail(detail: Mapping[str, object]) -> Html:
    lines = [
        element("div", f"{name}: {said if isinstance(said, str) else base.encode(said).decode()}")
        for name, said in detail.items()
    ]
    return joined(*lines)


def _said(table: Mapping[str, Words], word: str) -> Html:
    words = table.get(word)
    return _both(words) if words else joined(word)


def _after(word: str | None) -> Html | None:
    return element("div", word) if word else None


def _both(words: Words) -> Html:
    return both(words.en, words.zh)


def _heads(*names: tuple[str, str]) -> Html:
    return element("tr", *(element("th", both(en, zh)) for en, zh in names))


def _row(*cells: Child) -> Html:
    return element("tr", *(element("td", cell) for cell in cells))
