"""The server put together: settings, database, clock and every capability's doors."""

from __future__ import annotations

import pathlib
import secrets
from collections.abc import Callable
from typing import Final

import flask
import flask_smorest

from api import basemap, http, ids, manual, observe, phone_app, problems, rates
from api import clock as clocks
from api.appointments import resources as appointments
from api.checkins import resources as checkins
from api.crews import resources as crews
from api.crews.identity import Identity
from api.custody import resources as custody
from api.custody import witnesses
from api.custody.bundles import resources as bundles
from api.customer_notices import resources as customer_notices
from api.customer_promises import resources as customer_promises
from api.db import Database
from api.evidence import resources as evidence
from api.insight import resources as insight
from api.meter_findings import resources as meter_findings
from api.notices import resources as notices
from api.photos import resources as photos
from api.promises import resources as promises
from api.promises import service as policies
from api.readings import resources as readings
from api.repairs import resources as repairs
from api.requests import resources as requests
from api.scheduler import resources as scheduler
from api.settings import Settings
from api.sites import resources as sites
from api.supervision import resources as supervision
from api.sync import described, lobby, traffic
from api.sync import resources as sync
from api.sync.quarantine import resources as quarantine
from api.tasks import resources as tasks
from schemas.errors import Problem
from schemas.form import form_of

_HASHED_BYTES_MAX: Final = 8_000_000


class _Described(flask_smorest.Api):
    """The API's own description, which knows our one error body."""

    ERROR_SCHEMA = form_of(Problem)

    def _register_responses(self) -> None:
        """Describe refusals by their own media type; the doors' answers keep theirs."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE = problems.MEDIA_TYPE
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    clock: clocks.Clock | None = None,
) -> flask.Flask:
    """Make the WSGI application.

    Args:
        settings: checked settings.
        database: an open database; by default the one that the settings name.
        clock: what tells the time; by default the machine's clock.

    Raises:
        PolicyError: a policy set of the office's own is wrong.
    """
    if settings.policies_dir:
        policies.add_sets(pathlib.Path(settings.policies_dir))
    app = flask.Flask("lamplighter", static_folder=None)
    app.url_map.merge_slashes = False  # or `//` is answered with a link that names the Host header
    app.config.update(
        API_TITLE="Lamplighter",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        PROPAGATE_EXCEPTIONS=False,
        JSON_SORT_KEYS=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has it
    equip(
        app,
        settings,
        database=database or Database(settings.url),
        clock=clock or clocks.SystemClock(),
    )
    observe.install(app)
    manual.install(app)
    phone_app.install(app)
    app.after_request(_tag)
    _open_doors(_Described(app))
    problems.install(app)  # after flask-smorest, which brings an error body of its own
    return app


def equip(
    app: flask.Flask,
    settings: Settings,
    *,
    database: Database,
    clock: clocks.Clock,
    new_id: ids.IdMaker = ids.new_id,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> None:
    """Give an application its parts; its doors stand already and take half a second to hang.

    Args:
        app: the application.
        settings: checked settings.
        database: an open database.
        clock: what tells the time.
        new_id: makes the ids of what requests make.
        random_bytes: makes the secrets of tokens.
    """
    identity = Identity(settings, new_id=new_id, random_bytes=random_bytes)
    app.config["MAX_CONTENT_LENGTH"] = settings.body_bytes_max
    app.extensions["lamplighter.identity"] = identity
    custodian = witnesses.Witnesses()
    app.extensions["lamplighter.custodian"] = custodian
    app.extensions["lamplighter.lobby"] = lobby.Lobby(database, custodian)
    app.extensions["lamplighter.traffic"] = traffic.Traffic(
        per_minute=settings.syncs_per_minute, threads=settings.threads
    )
    app.extensions["lamplighter"] = http.Server(
        settings=settings,
        database=database,
        clock=clock,
        new_id=new_id,
        authenticate=identity.authenticate,
        authenticate_upload=identity.authenticate_upload,
        grant_uploads=identity.grant_uploads,
        requests=rates.Rates(per_minute=settings.requests_per_minute),
    )


def _open_doors(api: flask_smorest.Api) -> None:
    """Register every capability's doors."""
    api.spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    api.spec.components.security_scheme("dpop", {"type": "http", "scheme": "dpop"})
    for blueprint in (
        *crews.blueprints,
        *sites.blueprints,
        basemap.blueprint,
        *tasks.blueprints,
        repairs.blueprint,
        checkins.blueprint,
        *evidence.blueprints,
        photos.blueprint,
        *readings.blueprints,
        meter_findings.blueprint,
        sync.blueprint,
        quarantine.blueprint,
        promises.blueprint,
        customer_promises.blueprint,
        customer_notices.blueprint,
        appointments.blueprint,
        *supervision.blueprints,
        requests.blueprint,
        insight.blueprint,
        *notices.blueprints,
        scheduler.blueprint,
        custody.blueprint,
        bundles.blueprint,
    ):
        api.register_blueprint(blueprint)
    described.describe(api.spec)


def _tag(response: flask.Response) -> flask.Response:
    """Give every JSON answer to a GET an ETag, and answer 304 to who has it already."""
    tagged = (
        flask.request.method in {"GET", "HEAD"}
        and response.status_code == 200  # noqa: PLR2004 - the status of a plain answer
        and response.mimetype in {"application/json", "application/geo+json"}
        and not response.direct_passthrough
        and (response.content_length or 0) <= _HASHED_BYTES_MAX
    )
    if tagged:
        if "ETag" not in response.headers:
            response.add_etag()
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.make_conditional(flask.request)
    return response
