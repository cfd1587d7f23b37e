"""Concrete reasons: a promise is not put off because somebody is "busy" (工作忙).

A reason is concrete when something is left of it after the words that say nothing are taken away.
The list is judged whole: "busy" is refused, "busy with the fallen pole on feeder 7" is not.
"""

from __future__ import annotations

import dataclasses
import enum
import re
import unicodedata
from typing import Final

REASON_CHARS_MAX: Final = 2_000
WEIGHT_MIN: Final = 4
"""Letters that a reason needs; a Chinese character weighs two, any other letter or digit one."""


class Fault(enum.StrEnum):
    """Why a reason is refused."""

    blank = "blank"
    no_words = "no_words"
    too_short = "too_short"
    too_long = "too_long"
    vague = "vague"


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a reason; `fault` is None when it is concrete."""

    fault: Fault | None

    @property
    def concrete(self) -> bool:
        """Whether the reason may stand."""
        return self.fault is None


_VAGUE_EN: Final = """
a about again all also am and any are as asap at be because been being bit busy but can cannot
cant cause circumstance circumstances could couldnt day days delay delayed did do dont due etc few
for from going had has have having he held her here his i im in is issue issues it its job jobs
just know later little lot lots make management many me misc moment more much my na never no none
not nothing now of ok okay on one operational other others our out personal please plz pressure
problem problems quite really reason reasons right same she short so some somehow something sorry
still stuff test than that the their them then there they thing things this time tired to today
tomorrow too unable unknown until up us various very want was we week were weve what whatever when
will with wont work working workload works xxx yes yet you
"""
_VAGUE_ZH: Final = """
工作 太 忙 很 比较 繁忙 事情 事 多 任务 重 有 没 没有 空 时间 不 够 不够 原因 其他 其它 个人
客观 主观 特殊 情况 问题 临时 暂时 现在 目前 今天 明天 最近 近期 一些 一点 因为 由于 所以 的 了
呢 啊 吧 是 在 我 我们 他 他们 本人 班组 人员 稍后 以后 再 说 再说 晚点 无 未知 不详 不清楚
不知道 略 测试 随便 请 谅解 抱歉 对不起 正在 处理 中 加班 累 压力 大 工作量 来不及 走不开
抽不开身 脱不开身 排不开 等 等等 都 也 还 又 就 这 那 些 点 得
"""


def _longest_first(words: str) -> str:
    """Write a word list as alternatives of a pattern."""
    return "|".join(sorted(re.findall(r"\S+", words), key=len, reverse=True))


_SAYS_NOTHING: Final = re.compile(
    rf"(?<![a-z0-9])(?:{_longest_first(_VAGUE_EN)})(?![a-z0-9])|{_longest_first(_VAGUE_ZH)}"
)
_APOSTROPHES: Final = re.compile("['\u2019`]")
_NOT_WORD: Final = re.compile(r"[\W_]+")
_HAN_CHARS: Final = r"[\u3400-\u9fff\U00020000-\U0003ffff]"
_HAN: Final = re.compile(_HAN_CHARS)
_GAP_IN_HAN: Final = re.compile(rf"(?<={_HAN_CHARS}) (?={_HAN_CHARS})")


def check(text: str) -> Verdict:
    """Judge whether `text`, in Chinese or English, is a concrete reason."""
    if len(text) > REASON_CHARS_MAX:
        return Verdict(Fault.too_long)
    if not text.strip():
        return Verdict(Fault.blank)
    folded = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).casefold())
    words = _GAP_IN_HAN.sub("", _NOT_WORD.sub(" ", folded).strip())
    if not any(char.isalpha() for char in words):
        return Verdict(Fault.no_words)
    if _says_nothing(words):
        return Verdict(Fault.vague)
    if _weight(words) < WEIGHT_MIN:
        return Verdict(Fault.too_short)
    return Verdict(None)


def _says_nothing(words: str) -> bool:
    """Tell whether only words without content, or one character again and again, are there."""
    letters = words.replace(" ", "")
    repeats_one = len(letters) >= WEIGHT_MIN and len(set(letters)) == 1
    return repeats_one or not _SAYS_NOTHING.sub("", words).strip()


def _weight(words: str) -> int:
    """Count letters and digits, Chinese characters twice."""
    return sum(2 if _HAN.match(char) else 1 for char in words if char != " ")
