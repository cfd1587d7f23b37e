import datetime as dt

from apscheduler.triggers.base import BaseTrigger

class IntervalTrigger(BaseTrigger):
    def __init__(
        self,
        *,
        weeks: int = 0,
        days: int = 0,
        hours: int = 0,
        minutes: int = 0,
        seconds: int = 0,
        timezone: dt.tzinfo | str | None = None,
        jitter: int | None = None,
    ) -> None: ...
