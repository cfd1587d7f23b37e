"""Invented names, streets and telephone numbers; any likeness to anybody is chance."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文海波晓燕宏亮"
_STREETS: Final = (
    ("新市街", "Xinshi Street"),
    ("椰林路", "Yelin Road"),
    ("灯塔路", "Dengta Road"),
    ("渔港街", "Yugang Street"),
    ("文明路", "Wenming Road"),
    ("榕树巷", "Rongshu Lane"),
    ("学院路", "Xueyuan Road"),
    ("东湖路", "Donghu Road"),
    ("南渡街", "Nandu Street"),
    ("白沙门路", "Baishamen Road"),
    ("红树林道", "Hongshulin Way"),
    ("长堤路", "Changdi Road"),
    ("青年巷", "Qingnian Lane"),
    ("粮仓路", "Liangcang Road"),
    ("水塔街", "Shuita Street"),
    ("仙桥路", "Xianqiao Road"),
    ("桂林洋大道", "Guilinyang Avenue"),
    ("石板巷", "Shiban Lane"),
    ("荔枝园路", "Lizhiyuan Road"),
    ("盐场路", "Yanchang Road"),
    ("风车街", "Fengche Street"),
    ("凤凰路", "Fenghuang Road"),
)
_WAYS: Final = ("", "一里", "二里", "三里", "四里", "五里")

FEEDERS: Final = (
    "灵山线",
    "椰林线",
    "渔港线",
    "文明线",
    "青年线",
    "盐场线",
    "东湖线",
    "凤凰线",
    "红树林线",
)
AREAS: Final = (
    "灵山片区",
    "椰林片区",
    "渔港片区",
    "文明片区",
    "青年片区",
    "盐场片区",
    "东湖片区",
    "凤凰片区",
    "红树林片区",
)
STATION: Final = "城北 110 kV 变电站"


class WayIn(NamedTuple):
    """What somebody must know to come to a meter."""

    access_note: str = ""
    keys: str = ""
    dogs: str = ""


WAYS_IN: Final = (
    WayIn("进门前请打电话。Ring before you enter.", dogs="院内，拴着。In the yard, on a chain."),
    WayIn(keys="表箱钥匙在门卫处。Of the meter box, at the gate house."),
    WayIn("表在二楼楼梯间。Meter on the second-floor landing."),
    WayIn("白天无人，请傍晚联系。Nobody home by day; call in the evening."),
    WayIn("后门进，小心台阶。Back door; mind the step."),
)


def person(chance: np.random.Generator) -> str:
    """Invent a person's name."""
    surname = _SURNAMES[chance.integers(len(_SURNAMES))]
    given = "".join(_GIVEN[pick] for pick in chance.integers(len(_GIVEN), size=2))
    return surname + given


def street(number: int) -> str:
    """Name the street behind the transformer with this number, in both scripts."""
    zh, en = _STREETS[number % len(_STREETS)]
    return f"{zh}{_WAYS[number // len(_STREETS) % len(_WAYS)]} ({en})"


def phone(number: int) -> str:
    """Invent a telephone number that nobody has."""
    return f"+86 898 0000 {number:04d}"
