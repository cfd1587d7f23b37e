"""Why a job ran or did not: how its present slot stands, in a word and in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from api.scheduler import ledger
from api.scheduler.models import JobRun
from schemas.base import rfc3339
from schemas.errors import Words
from schemas.jobs import RunState, Standing

_SENTENCES: Final[Mapping[Standing, Words]] = MappingProxyType(
    {
        Standing.not_yet: Words(
            en="Its time of the day has not come yet.", zh="今日的运行时间尚未到。"
        ),
        Standing.waits: Words(
            en="Nobody has claimed the slot yet. If it stays so, no server with a scheduler runs.",
            zh="尚无进程认领本时段；若一直如此，说明没有服务器在运行调度。",
        ),
        Standing.idle: Words(
            en="There is nothing to do; such slots go by without a run.",
            zh="暂无待办事项；此类时段不产生运行记录。",
        ),
        Standing.runs: Words(
            en="Worker {worker} has it until {lease_until}; then another may take it over.",
            zh="进程 {worker} 正在运行，租约至 {lease_until}；此后其他进程可接管。",
        ),
        Standing.done: Words(
            en="Worker {worker} ended it at {finished_at}, attempt {attempts}.",
            zh="进程 {worker} 已于 {finished_at} 完成（第 {attempts} 次尝试）。",
        ),
        Standing.tries_again: Words(
            en="Attempt {attempts} of {attempts_max} did not end well; the next is due from "
            "{lease_until} on. {error}",
            zh="第 {attempts} 次尝试（最多 {attempts_max} 次）未成功；"
            "{lease_until} 起可再试。{error}",
        ),
        Standing.gave_up: Words(
            en="All {attempts_max} attempts failed; the next slot begins afresh. {error}",
            zh="{attempts_max} 次尝试均失败；下一时段重新开始。{error}",
        ),
    }
)


def standing_of(
    run: JobRun | None, *, slot: str | None, now: dt.datetime, is_wanted: bool = True
) -> Standing:
    """Say how a slot stands.

    Args:
        run: the run of the slot, if somebody claimed it.
        slot: the present slot; None until a daily job's time has come.
        now: the present instant.
        is_wanted: whether there is anything to do.
    """
    if slot is None:
        return Standing.not_yet
    if run is None:
        return Standing.waits if is_wanted else Standing.idle
    if run.state == RunState.done:
        return Standing.done
    if run.state == RunState.running and run.lease_until > now:
        return Standing.runs
    return Standing.tries_again if run.attempts < ledger.ATTEMPTS_MAX else Standing.gave_up


def why(standing: Standing, run: JobRun | None) -> Words:
    """Say it in a sentence, with what the ledger knows."""
    told = {} if run is None else _told(run)
    words = _SENTENCES[standing]
    return Words(en=words.en.format_map(told).strip(), zh=words.zh.format_map(told).strip())


def _told(run: JobRun) -> dict[str, object]:
    return {
        "worker": run.worker,
        "attempts": run.attempts,
        "attempts_max": ledger.ATTEMPTS_MAX,
        "lease_until": rfc3339(run.lease_until),
        "finished_at": "-" if run.finished_at is None else rfc3339(run.finished_at),
        "error": run.error,
    }
