"""Reading what a server says, also one that is newer than this program.

On the wire things are added and never changed, so a field that is not known here is passed over;
everything else is held to its shape.
"""

from __future__ import annotations

import msgspec
from msgspec import inspect

from schemas.base import ShapeT, encode
from schemas.base import decode as decode_strictly


def decode(data: bytes, shape: type[ShapeT]) -> ShapeT:
    """Decode JSON into a shape, passing over fields that the shape does not know.

    Raises:
        msgspec.ValidationError: the JSON does not have the shape.
        msgspec.DecodeError: it is not JSON.
    """
    try:
        return decode_strictly(data, shape)
    except msgspec.ValidationError:
        known = _known(msgspec.json.decode(data), inspect.type_info(shape))
        return decode_strictly(encode(known), shape)


def _known(value: object, kind: inspect.Type) -> object:
    """Keep of a value what its type knows."""
    match value, kind:
        case _, inspect.Metadata():
            return _known(value, kind.type)
        case dict(), inspect.StructType():
            return {
                field.encode_name: _known(value[field.encode_name], field.type)
                for field in kind.fields
                if field.encode_name in value
            }
        case dict(), inspect.DictType():
            return {key: _known(each, kind.value_type) for key, each in value.items()}
        case list(), inspect.ListType():
            return [_known(each, kind.item_type) for each in value]
        case dict() | list(), inspect.UnionType():
            for each in kind.types:
                value = _known(value, each)
            return value
        case _:
            return value
