"""What a policy set has customers told is checked whole when the set is read."""

from __future__ import annotations

import pathlib
import shutil

import pytest

from api.promises.service import policy_files, rulebook
from schemas import promises
from schemas.customer_notices import PLACES, CustomerNoticeKind

TOLD = policy_files.FOLDER / "sgcc-2022-told.toml"
GROUND = policy_files.FOLDER / "sgcc-2022.toml"


def read(folder: pathlib.Path, *change: str) -> promises.PolicySet:
    text = TOLD.read_text(encoding="utf-8")
    for before, after in zip(change[::2], change[1::2], strict=True):
        assert before in text
        text = text.replace(before, after, 1)
    (folder / TOLD.name).write_text(text, encoding="utf-8")
    shutil.copy(GROUND, folder)
    return policy_files.read_sets(folder)["sgcc-2022-told"]


def test_a_set_that_extends_another_has_all_of_it_but_what_it_says_itself() -> None:
    ground, told = rulebook.SETS["sgcc-2022"], rulebook.SETS["sgcc-2022-told"]
    assert ground.customer_notices is None
    assert told.rows == ground.rows
    assert told.name != ground.name


def test_every_kind_is_worded_in_the_set_to_start_from() -> None:
    policy = rulebook.SETS["sgcc-2022-told"].customer_notices
    assert policy is not None
    assert set(policy.notices) == set(CustomerNoticeKind) == set(PLACES)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('source = "office"', 'source = "rumour"', "customer_notices: source rumour"),
        ('pattern = "1[3-9][0-9]{9}"', 'pattern = "1[3"', "mobile.pattern is no pattern"),
        ('"arrive", "restore"]', '"complaint_resolve"]', "no order has a promise of kind"),
        ('"promise", "arrive"', '"promise", "lunch"', "no order has a promise of kind lunch"),
        ("{words}. Questions", "{said}. Questions", "promise_made: en: {said} is no place"),
        ("（编号{ref}）已受理", "（{name}）已受理", "report_taken: zh: {name} is no place"),
        ("[抢修人员将于{due}前到达现场。]", "{due}前到达。", "{due} is not always known"),
        ("[抢修人员将于{due}前到达现场。]", "[到达。]", "has no place"),
        ("parts_max = 3", "parts_max = 1", "it takes 2 messages, at most 1 are allowed"),
        ('quiet_from = "22:00"', 'quiet_from = "24:00"', "quiet_from"),
        ('urgency = "always"', 'urgency = "sometimes"', "urgency"),
        ("notices.restored", "notices.rebuilt", "rebuilt"),
        ('extends = "sgcc-2022"', 'extends = "sgcc-2032"', "sgcc-2032"),
    ],
)
def test_a_wrong_wording_ends_the_start(
    tmp_path: pathlib.Path, before: str, after: str, fault: str
) -> None:
    with pytest.raises(policy_files.PolicyError, match=r"sgcc-2022-told\.toml") as refused:
        read(tmp_path, before, after)
    assert fault in str(refused.value)


def test_a_set_extends_no_set_that_extends_another(tmp_path: pathlib.Path) -> None:
    text = TOLD.read_text(encoding="utf-8").replace('"sgcc-2022"', '"sgcc-2022-told"', 1)
    third = text.replace('name = "sgcc-2022-told"', 'name = "third"', 1)
    (tmp_path / "third.toml").write_text(third, encoding="utf-8")
    with pytest.raises(policy_files.PolicyError, match=r"third\.toml: .*extends"):
        read(tmp_path)
