import datetime as dt

class Job:
    id: str
    name: str
    next_run_time: dt.datetime | None
    def remove(self) -> None: ...
