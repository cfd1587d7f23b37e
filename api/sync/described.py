"""What no door names, described for whoever writes a client: work, records, what a push carries.

The doors of sync take operations as bytes and give records as bytes; a push goes by another road.
"""

from __future__ import annotations

from typing import Final

import apispec
import marshmallow as ma
from marshmallow import fields

from schemas import notices, operations, sync
from schemas.entities import ENTITIES
from schemas.form import form_of

BODIES: Final = "OperationBodies"
RECORDS: Final = "Records"
VERSIONS: Final = "x-versions"


def describe(spec: apispec.APISpec) -> None:
    """Add the operation, the body of each type, the record of each entity, and a push's message.

    Args:
        spec: the API's own description.
    """
    spec.components.schema("Operation", schema=form_of(sync.Operation))
    spec.components.schema("PushMessage", schema=form_of(notices.PushMessage))
    spec.components.schema(
        BODIES,
        {
            "description": "The `body` of each `type` of operation, at its present version.",
            VERSIONS: {name: operations.version_of(name) for name in operations.OPERATIONS},
        },
        schema=ma.Schema.from_dict(
            {
                name: fields.Nested(form_of(body), required=True)
                for name, body in operations.OPERATIONS.items()
            }
        ),
    )
    spec.components.schema(
        RECORDS,
        {"description": "What a change of each `entity` puts."},
        schema=ma.Schema.from_dict(
            {name: fields.Nested(form_of(shape), required=True) for name, shape in ENTITIES.items()}
        ),
    )
