"""The office's day: reports come in, a dispatcher looks after what waits, jobs run."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections import Counter
from typing import Final

from schemas import jobs, promises, readings, repairs, sites, tasks
from schemas.places import Position
from schemas.rules import clocks, estimators
from schemas.rules.transitions import Kind, State
from tests.day import crew, muster
from tests.day.ground import Spot
from tests.day.muster import Team
from tests.day.office import Desk, RefusedError
from tests.day.plan import STORY_URGENCY, Plan

SKILL: Final = "low_voltage"
BY_POINT_SHARE: Final = 0.3
TWICE_SHARE: Final = 0.1
UNHAPPY_SHARE: Final = 0.05
JITTER_DEG: Final = 0.0002
LAST_REPORT_BEFORE_END: Final = 60
STORY_TRIES_MAX: Final = 20
_WORDS: Final = ("No light in the whole house", "整栋楼停电", "Sparks at the meter box", "电压不稳")


@dataclasses.dataclass(slots=True)
class Seen:
    """What the office saw in the course of the day.

    Attributes:
        keys: the order of each report.
        provisional: clocks that were provisional at some time.
        estimated: readings that the office entered.
        story: how the told order's arrive clock stood, by minute.
        job_counts: what the runs of the overdue job did.
        noted: what else is worth telling, counted.
    """

    keys: dict[str, str] = dataclasses.field(default_factory=dict)
    provisional: set[str] = dataclasses.field(default_factory=set)
    estimated: set[str] = dataclasses.field(default_factory=set)
    story: dict[int, clocks.State] = dataclasses.field(default_factory=dict)
    job_counts: Counter[str] = dataclasses.field(default_factory=Counter)
    noted: Counter[str] = dataclasses.field(default_factory=Counter)


class Office:
    """The people of the office at their desks."""

    def __init__(
        self,
        plan: Plan,
        *,
        reporter: Desk,
        dispatcher: Desk,
        admin: Desk,
        started_at: dt.datetime,
    ) -> None:
        """Open the office.

        Args:
            plan: how large the day is.
            reporter: the system that takes the customers' reports.
            dispatcher: looks after what waits.
            admin: runs the jobs by the minute.
            started_at: when the day begins; it makes the reports' keys the day's own.
        """
        self.seen = Seen()
        self.admin = admin
        self._plan = plan
        self._reporter = reporter
        self._dispatcher = dispatcher
        self._chance = random.Random(f"{plan.seed}:office")
        self._places = muster.list_places(dispatcher, self._chance, count=plan.reports + 1)
        last = plan.minutes - LAST_REPORT_BEFORE_END
        self._minutes = Counter(self._chance.randint(3, last) for _ in range(plan.reports))
        self._mark = f"day-{started_at:%Y%m%d%H%M%S}"

    def tell_story(self, teams: list[Team]) -> tasks.Task:
        """Report trouble in a town; the crew that gets it is the one that the day tells of."""
        for _ in range(STORY_TRIES_MAX):
            point = self._chance.choice(self._places)
            spot = muster.spot_of(point)
            located = self._dispatcher.get(
                "/v1/areas/located",
                sites.Located,
                lat_deg=str(spot.lat_deg),
                lon_deg=str(spot.lon_deg),
            )
            if located.area_class is not sites.AreaClass.URBAN:
                continue
            task = self._report(point, by_point=True, urgency=STORY_URGENCY)
            if task.crew_id in {team.id for team in teams}:
                return task
        message = f"{STORY_TRIES_MAX} reports in towns went to no crew of the day"
        raise AssertionError(message)

    def take_reports(self, minute: int) -> None:
        """Take the reports that come in at a minute."""
        for _ in range(self._minutes[minute]):
            point = self._places[len(self.seen.keys) % len(self._places)]
            by_point = self._chance.random() < BY_POINT_SHARE
            self._report(point, by_point=by_point, urgency=self._chance.randint(2, 5))

    def run_job(self, name: str) -> Counter[str]:
        """Run a job now, as an administrator may."""
        run = self.admin.post(f"/v1/jobs/{name}/run", jobs.JobRun)
        assert run.state is jobs.RunState.done, run.error
        return Counter(run.counts)

    def watch(self, minute: int, *, story: str) -> None:
        """Let the overdue job run, and look at what it found."""
        self.seen.job_counts += self.run_job("flag_overdue")
        dark = self.admin.list_all("/v1/promises", promises.Clock, state=clocks.State.provisional)
        self.seen.provisional.update(clock.id for clock in dark)
        self.seen.story[minute] = self.arrive_clock(story).state

    def arrive_clock(self, task_id: str) -> promises.Clock:
        """Get the arrive clock of an order."""
        found = self.admin.list_all("/v1/promises", promises.Clock, subject_id=task_id)
        return next(clock for clock in found if clock.kind == "arrive")

    def estimate_skipped(self, route_ids: list[str]) -> None:
        """Enter declared estimates for the meters that nobody could read."""
        for route_id in route_ids:
            stops = self.admin.list_all(f"/v1/routes/{route_id}/stops", readings.Stop)
            for stop in [stop for stop in stops if stop.state is readings.StopState.SKIPPED]:
                total = muster.guess_mean(self.admin, stop)
                if total is None:
                    continue
                body = readings.ReadingEntered(
                    meter_id=stop.meter_id,
                    total=total,
                    method=readings.Method.ESTIMATED,
                    estimator=estimators.Method.mean_of_three,
                )
                entered = self.admin.post("/v1/readings", readings.Reading, body)
                self.seen.estimated.add(entered.id)

    def look_after(self, teams: list[Team]) -> None:
        """Give out what nobody holds, call customers back, put away what is whole."""
        desk = self._dispatcher
        for task in list(desk.list_all("/v1/tasks", tasks.Task, unassigned="true")):
            if task.kind is Kind.repair and task.state in {State.reported, State.returned}:
                self._give(task, self._chance.choice(teams))
        for task in list(desk.list_all("/v1/tasks", tasks.Task, state=State.finished)):
            if task.kind is Kind.repair:
                self._call_back(task)
            else:
                self._put_away(task)
        for task in list(desk.list_all("/v1/tasks", tasks.Task, state=State.called_back)):
            self._put_away(task)

    def _report(self, point: sites.ServicePoint, *, by_point: bool, urgency: int) -> tasks.Task:
        """Report trouble, sometimes twice: callers do."""
        key = f"{self._mark}-{len(self.seen.keys) + 1}"
        report = repairs.Report(
            key=key,
            channel=self._chance.choice(list(repairs.Channel)),
            description=self._chance.choice(_WORDS),
            position=None if by_point else _near(muster.spot_of(point), self._chance),
            service_point_id=point.id if by_point else None,
            urgency=urgency,
            skill=SKILL,
        )
        placed = self._reporter.post("/v1/repairs", repairs.Placed, report)
        if self._chance.random() < TWICE_SHARE:
            again = self._reporter.post("/v1/repairs", repairs.Placed, report)
            assert again.again, "the second report with one key is the first"
            assert again.task.id == placed.task.id, "one key opens one order"
            self.seen.noted["reports sent twice, one order each"] += 1
        self.seen.keys[key] = placed.task.id
        self.seen.noted[f"placed: {placed.placement.code}"] += 1
        return placed.task

    def _give(self, task: tasks.Task, team: Team) -> None:
        body = tasks.Assigned(crew_id=team.id, why="nearest free crew, agreed by telephone")
        self._dispatcher.post(f"/v1/tasks/{task.id}/assign", tasks.Task, body)
        self.seen.noted["given out by the dispatcher"] += 1

    def _call_back(self, task: tasks.Task) -> None:
        body = tasks.CalledBack(result=tasks.Satisfaction.satisfied)
        if (
            random.Random(f"{self._plan.seed}:{crew.mark_of(task)}:{task.version}").random()
            < UNHAPPY_SHARE
        ):
            self.seen.noted["customers not satisfied"] += 1
            cause = "The light went out again after an hour"
            body = tasks.CalledBack(result=tasks.Satisfaction.dissatisfied, cause=cause)
        self._dispatcher.post(f"/v1/tasks/{task.id}/call-back", tasks.Task, body)

    def _put_away(self, task: tasks.Task) -> None:
        try:
            self._dispatcher.post(f"/v1/tasks/{task.id}/archive", tasks.Task)
        except RefusedError as refused:
            if refused.code != "evidence-missing":
                raise
            self.seen.noted["archive refused: photos still on the phone"] += 1


def _near(spot: Spot, chance: random.Random) -> Position:
    """Tell a position as a caller's map does: near, not exact."""
    return Position(
        lat_deg=spot.lat_deg + chance.uniform(-JITTER_DEG, JITTER_DEG),
        lon_deg=spot.lon_deg + chance.uniform(-JITTER_DEG, JITTER_DEG),
    )
