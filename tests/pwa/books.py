"""The office's books, as somebody at a desk reads them through the API."""

from __future__ import annotations

from typing import Final

from schemas import checkins, crews, evidence, quarantine, readings, tasks
from schemas.base import Shape
from schemas.rules.transitions import State
from tests.day.office import Desk
from tests.pwa import ground


class Books:
    """What the office knows."""

    def __init__(self, desk: Desk) -> None:
        """Sit at a desk."""
        self._desk: Final = desk

    def order(self, task_id: str = ground.ORDER) -> tasks.Task:
        """Look an order up."""
        return self._desk.get(f"/v1/tasks/{task_id}", tasks.Task)

    def route(self) -> readings.Route:
        """Look the reader's route up; what a job has others read again is on routes of its own."""
        (route,) = self._desk.list_all("/v1/routes", readings.Route, person_id=ground.READER)
        return route

    def moments(self, task_id: str = ground.ORDER) -> list[tasks.Moment]:
        """List what phones did on an order."""
        path = f"/v1/tasks/{task_id}/timeline"
        return [each for each in self._desk.list_all(path, tasks.Moment) if each.device_id]

    def events(self, task_id: str = ground.ORDER) -> list[str]:
        """Name what phones did on an order."""
        return [moment.event for moment in self.moments(task_id)]

    def check_ins(self, task_id: str = ground.ORDER) -> list[checkins.RecordedCheckIn]:
        """List an order's check-ins."""
        path = f"/v1/tasks/{task_id}/check-ins"
        return list(self._desk.list_all(path, checkins.RecordedCheckIn))

    def files(self, task_id: str = ground.ORDER) -> list[evidence.EvidenceFile]:
        """List an order's files."""
        return list(self._desk.list_all("/v1/evidence", evidence.EvidenceFile, task_id=task_id))

    def bytes_of(self, file: evidence.EvidenceFile) -> bytes:
        """Fetch a file's original."""
        return self._desk.content(f"/v1/evidence/{file.id}/content")

    def phones(self) -> list[crews.DeviceView]:
        """List the phones."""
        return list(self._desk.list_all("/v1/devices", crews.DeviceView))

    def quarantined(self) -> list[quarantine.QuarantineView]:
        """List what was not let in."""
        return list(self._desk.list_all("/v1/quarantine", quarantine.QuarantineView))

    def is_untouched(self, task_id: str = ground.ORDER) -> bool:
        """Tell whether no phone has done anything on an order yet."""
        return self.order(task_id).state is State.dispatched and not self.events(task_id)

    def send(self, method: str, path: str, body: Shape | None = None) -> None:
        """Do something that answers nothing which a story needs."""
        self._desk._send(method, path, body=body)
