import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from apscheduler.events import SchedulerEvent
from apscheduler.job import Job
from apscheduler.triggers.base import BaseTrigger

class BackgroundScheduler:
    running: bool
    def __init__(
        self,
        *,
        daemon: bool = True,
        timezone: dt.tzinfo | str | None = None,
        job_defaults: Mapping[str, object] | None = None,
        executors: Mapping[str, object] | None = None,
        jobstores: Mapping[str, object] | None = None,
    ) -> None: ...
    def start(self, paused: bool = False) -> None: ...
    def shutdown(self, wait: bool = True) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def add_job(
        self,
        func: Callable[..., object],
        trigger: BaseTrigger | str | None = None,
        args: Sequence[object] | None = None,
        kwargs: Mapping[str, object] | None = None,
        id: str | None = None,
        name: str | None = None,
        misfire_grace_time: int | None = ...,
        coalesce: bool = ...,
        max_instances: int = ...,
        next_run_time: dt.datetime | None = ...,
        jobstore: str = "default",
        executor: str = "default",
        replace_existing: bool = False,
        **trigger_args: object,
    ) -> Job: ...
    def get_job(self, job_id: str) -> Job | None: ...
    def get_jobs(self) -> list[Job]: ...
    def remove_job(self, job_id: str) -> None: ...
    def add_listener(
        self, callback: Callable[[SchedulerEvent], object], mask: int = ...
    ) -> None: ...
