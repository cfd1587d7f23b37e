"""The page of a bundle: what happened, for a reader without a computer of ours and without script.

It says the same as the other files of the bundle, which are what counts; it proves nothing itself.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import zoneinfo
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from api.custody.bundles import telling
from api.custody.bundles.html import Html, element, joined
from api.custody.bundles.telling import both, row, table
from schemas import bundles
from schemas.tasks import STATE_ZH

if TYPE_CHECKING:
    from api.custody.bundles.gathering import Gathered

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62em;margin:2em auto;padding:0 1em;color:#222}
h1{font-size:1.4em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #bbb}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #ccc;padding:.25em .5em;
text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f3f3f3;font-weight:600}
img{max-width:20em;max-height:20em}.no{color:#8a2b00}.yes{color:#14532d}code{font-size:.9em}
"""
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self' file:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """When a bundle was made, by whom, and which key seals it."""

    at: dt.datetime
    by: str
    kid: str


def written(gathered: Gathered, *, files: Sequence[bundles.File], made: Made) -> str:
    """Write the page.

    Args:
        gathered: what is in the bundle.
        files: the declared files, as they were packed.
        made: when the bundle was made, and by whom.
    """
    order = gathered.order
    who = telling.Who(
        names={each.id: each.name for each in (*order.people, *order.crews)},
        zone=zoneinfo.ZoneInfo(order.zone),
    )
    body = element(
        "body",
        element("h1", both("Order", "工单"), f" {order.task.id}"),
        _facts(order, made, who),
        element(
            "h2", both("What this bundle proves, and what not", "本证据包证明什么，不证明什么")
        ),
        _proven(gathered, files, made),
        element("h2", both("Timeline", "工单时间线")),
        telling.timeline(gathered.timeline, who),
        element("h2", both("Check-ins", "签到")),
        telling.check_ins(order.check_ins, who),
        element("h2", both("Promises", "承诺时限")),
        telling.clocks(order.clocks, who),
        element("h2", both("Files", "证据文件")),
        telling.files(files, [each.photo for each in gathered.files], who),
        element("h2", both("Operations from handhelds", "手持终端操作记录")),
        telling.operations([each for each, _ in gathered.operations], gathered.standings, who),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        element("title", f"工单 Order {order.task.id}"),
        Html(f"<style>{_STYLE}</style>"),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='zh-CN')}\n"


def _facts(order: bundles.Order, made: Made, who: telling.Who) -> Html:
    task = order.task
    state = both(task.state, STATE_ZH[task.state])
    holders = [
        element("div", f"{who.at(each.held_from)} {who.named(each.crew_id or each.person_id)}")
        for each in order.holders
    ]
    return table(
        row(both("What", "内容"), task.title),
        row(both("State", "状态"), joined(state, " ", who.at(task.state_at))),
        row(both("Reported", "受理时间"), who.at(task.opened_at)),
        row(both("Site", "作业现场"), task.site.address if task.site else ""),
        row(both("Contact", "联系人"), task.contact),
        row(both("In the hands of", "持单人"), joined(*holders)),
        row(both("District", "供电区县"), task.district_id),
        row(both("Handed over", "移交"), f"{who.at(made.at)} {who.named(made.by)}"),
        row(both("Sealed by key", "签名密钥"), element("code", made.kid)),
    )


def _proven(gathered: Gathered, files: Sequence[bundles.File], made: Made) -> Html:
    """Say what the check will find, and what no check can."""
    counts = Counter(gathered.standings.values())
    standing = Counter(each.standing for each in files)
    lines = telling.proof_of_timeline(gathered.order, gathered.proof)
    lines += telling.proof_of_operations(counts)
    lines += telling.proof_of_files(standing)
    lines += telling.never_proven()
    command = f"lamplighter verify BUNDLE.zip --key {made.kid}"
    how = both(
        "This page proves nothing by itself. Check the bundle with the command below, and compare "
        "the key with the one that the power district publishes:",
        "本页面本身不构成证明。请用下列命令校验证据包，并与供电区县公布的密钥核对：",
    )
    items = [element("li", words, class_="yes" if proven else "no") for proven, words in lines]
    return joined(element("ul", *items), element("p", how), element("p", element("code", command)))
