"""The API's description names every operation and every record that phones are sent."""

from __future__ import annotations

import inspect
import typing

import flask

from api import models
from api.feed.synced import Synced
from schemas.entities import ENTITIES
from schemas.operations import OPERATIONS, version_of


def test_every_synced_model_gives_the_record_that_its_entity_is_described_as() -> None:
    given = {
        model.entity: typing.get_type_hints(model.wire)["return"]
        for model in Synced.__subclasses__()
        if not inspect.isabstract(model) and model.__module__.startswith(_OURS)
    }
    assert given == ENTITIES


def test_the_description_names_the_body_of_every_operation_and_its_version(
    client: flask.testing.FlaskClient,
) -> None:
    described = client.get("/openapi.json").get_json()["components"]["schemas"]
    bodies = described["OperationBodies"]
    assert list(bodies["properties"]) == list(OPERATIONS)
    assert bodies["x-versions"] == {name: version_of(name) for name in OPERATIONS}
    for name, body in OPERATIONS.items():
        assert bodies["properties"][name] == {"$ref": f"#/components/schemas/{body.__name__}"}
        assert body.__name__ in described


_OURS = tuple(f"api.{name}" for name in models.__all__)
