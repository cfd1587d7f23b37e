"""Doors of the schedule: the jobs, the ledger of their runs, and running one now."""

from __future__ import annotations

import datetime as dt
from typing import Final

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.scheduler import service
from schemas import jobs
from schemas.base import Name, rfc3339
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

_READERS: Final = (Role.SUPERVISOR, Role.ADMINISTRATOR)

blueprint = Blueprint("jobs", __name__, url_prefix="/v1/jobs", description="Scheduled jobs")


class RunQuery(http.PageQuery):
    """Which runs to list."""

    job: Name | None = None
    state: jobs.RunState | None = None


@blueprint.route("")
class Jobs(MethodView):
    """The schedule."""

    @http.door(*_READERS)
    @blueprint.response(200, form_of(jobs.JobList))
    def get(self) -> jobs.JobList:
        """List every job, when it runs, and its last run in the district."""
        return jobs.JobList(items=service.list_jobs(http.session(), act=http.act()))


@blueprint.route("/runs")
class Runs(MethodView):
    """The ledger of runs."""

    @http.door(*_READERS)
    @blueprint.arguments(query_form_of(RunQuery), location="query")
    @blueprint.response(200, page_form_of(jobs.JobRun))
    def get(self, query: RunQuery) -> http.Page:
        """List the district's runs, the latest first."""
        rows = service.list_runs(
            http.session(),
            act=http.act(),
            job=query.job,
            state=query.state,
            before=_before(query),
            limit=query.limit + 1,
        )
        if len(rows) <= query.limit:
            return http.Page(rows, None)
        last = rows[query.limit - 1]
        key = http.page_key(rfc3339(last.claimed_at), last.job, last.slot)
        return http.Page(rows[: query.limit], key)


@blueprint.route("/<string(maxlength=64):name>")
class OneJob(MethodView):
    """One job."""

    @http.door(*_READERS)
    @blueprint.response(200, form_of(jobs.JobExplained))
    def get(self, name: str) -> jobs.JobExplained:
        """Say why a job ran in the district or did not: slot, lease, attempts, what was missed.

        Refusals: not-found.
        """
        return service.explain(http.session(), act=http.act(), name=name)


@blueprint.route("/<string(maxlength=64):name>/run")
class Running(MethodView):
    """A job that somebody asks for."""

    @http.gate(Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(jobs.JobRun))
    def post(self, name: str) -> jobs.JobRun:
        """Run a job in the district now, whatever its schedule says; a failure stands in the run.

        Refusals: not-found.
        """
        server = http.server()
        worker = service.Worker(
            name=http.principal().person_id,
            settings=server.settings,
            database=server.database,
            clock=server.clock,
        )
        return service.run_now(worker, act=http.act(), name=name)


def _before(query: http.PageQuery) -> tuple[dt.datetime, str, str] | None:
    """Read where the page starts.

    Raises:
        Invalid: the key is none that this door wrote.
    """
    if query.after is None:
        return None
    at, job, slot = http.read_page_key(query.after, parts=3)
    return http.read_page_instant(at), str(job), str(slot)
