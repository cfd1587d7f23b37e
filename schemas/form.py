"""The marshmallow schema of a shape, derived and never written twice.

The office's API loads and dumps through these, and apispec documents them.
`tests/schemas/test_form.py` checks that both readers of a shape agree on what they accept.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import functools
import re
from collections.abc import Callable, Mapping
from inspect import cleandoc
from types import MappingProxyType
from typing import Any, Final

import marshmallow as ma
import msgspec
from marshmallow import fields, validate
from msgspec import inspect

from schemas import base
from schemas.base import Shape, ShapeT, rfc3339

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_TRUTHS: Final = MappingProxyType({"true": True, "false": False})
_PLAIN: Final = (
    inspect.StrType,
    inspect.IntType,
    inspect.FloatType,
    inspect.BoolType,
    inspect.ListType,
)


class InstantField(fields.AwareDateTime):
    """An aware instant, written in UTC with six decimals."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dt.datetime:
        instant: dt.datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return instant.astimezone(dt.UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else rfc3339(value)


class ExactField(fields.Decimal):
    """An exact decimal, a string on the wire and in OpenAPI."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "string", "format": "decimal", **kwargs.pop("metadata", {})}
        super().__init__(as_string=True, allow_nan=False, metadata=metadata, **kwargs)

    def _validated(self, value: Any) -> decimal.Decimal:
        if not isinstance(value, str | int | decimal.Decimal) or isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        exact = super()._validated(value)
        assert exact is not None
        try:
            base.require_exact(exact)
        except ValueError as error:
            raise self.make_error("invalid", input=value) from error
        return exact


class ShapeSchema(ma.Schema):
    """Strict: unknown fields are refused, and loading gives the frozen struct."""

    shape: type[Shape]

    class Meta:
        """Refuse what the shape does not know; keep the order it was written in."""

        unknown = ma.RAISE

    @ma.post_load
    def _freeze(self, data: dict[str, Any], **_: Any) -> Shape:
        return self.shape(**data)


@functools.cache
def form_of(shape: type[Shape]) -> type[ShapeSchema]:
    """Derive the marshmallow schema class of a shape.

    Args:
        shape: a `Shape` subclass; its nested shapes are derived too.

    Raises:
        TypeError: the shape has a field whose type has no form.
    """
    info = inspect.type_info(shape)
    assert isinstance(info, inspect.StructType)
    body: dict[str, Any] = {
        field.name: _field_of(field.type, **_presence(field)) for field in info.fields
    }
    body["shape"] = shape
    body["__doc__"] = shape.__doc__
    body["Meta"] = type("Meta", (ShapeSchema.Meta,), {"description": cleandoc(shape.__doc__ or "")})
    return type(f"{shape.__name__}Schema", (ShapeSchema,), body)


class QuerySchema(ShapeSchema):
    """A shape whose values come as text: numbers and truths are read, strictly."""

    def load(self, data: Any, **options: Any) -> Any:
        """Load the shape, refusing what it does not know although a query's reader would not."""
        return super().load(data, **{**options, "unknown": ma.RAISE})

    @ma.pre_load
    def _read(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {name: _from_text(self.fields.get(name), data[name]) for name in data}


@functools.cache
def query_form_of(shape: type[Shape]) -> type[QuerySchema]:
    """Derive the marshmallow schema of a shape that stands in a query string.

    Args:
        shape: a flat `Shape` subclass.
    """
    return type(f"{shape.__name__}QuerySchema", (QuerySchema, form_of(shape)), {})


@functools.cache
def page_form_of(shape: type[Shape]) -> type[ma.Schema]:
    """Derive the schema of a page of shapes: the items, and the key of the next page or null."""
    body: dict[str, Any] = {
        "items": fields.List(fields.Nested(form_of(shape)), required=True),
        "next": fields.String(
            allow_none=True,
            metadata={"description": "Key of the next page; null on the last."},
        ),
        "__doc__": f"A page of {shape.__name__}.",
    }
    return type(f"{shape.__name__}PageSchema", (ma.Schema,), body)


def shape_loaded(shape: type[ShapeT], data: Mapping[str, object]) -> ShapeT:
    """Load plain data into a shape through its form.

    Raises:
        marshmallow.ValidationError: the data does not have the shape.
    """
    loaded = form_of(shape)().load(data)
    assert isinstance(loaded, shape)
    return loaded


def _from_text(field: fields.Field[Any] | None, value: Any) -> Any:
    """Read a whole number or a truth from its text; what is neither stays for the field."""
    if isinstance(field, fields.Integer) and isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else value
    if isinstance(field, fields.Boolean):
        return _TRUTHS.get(value, value)
    return value


def _presence(field: inspect.Field) -> dict[str, Any]:
    """Say whether a field must be there, and what it is when it is not."""
    if field.required:
        return {"required": True}
    if isinstance(field.default, msgspec.Raw):
        return {"load_default": functools.partial(msgspec.Raw, field.default)}  # JSON has no Raw
    if field.default is not msgspec.NODEFAULT:
        return {"load_default": field.default}
    if field.default_factory is not msgspec.NODEFAULT:
        return {"load_default": field.default_factory}
    return {}  # UNSET: absent stays absent


def _field_of(kind: inspect.Type, **presence: Any) -> fields.Field[Any]:
    """Make the marshmallow field of one type."""
    if isinstance(kind, inspect.Metadata):
        metadata = dict(kind.extra_json_schema or {})
        return _field_of(kind.type, metadata=metadata, **presence)
    if isinstance(kind, inspect.UnionType):
        return _optional(kind, **presence)
    maker = _MAKERS.get(type(kind))
    if maker is None:
        message = f"no form for {kind}"
        raise TypeError(message)
    return maker(kind, presence)


def _optional(kind: inspect.UnionType, **presence: Any) -> fields.Field[Any]:
    """Make a field that may be null; unions of shapes are not used on the office's doors."""
    inner = [kind_ for kind_ in kind.types if not isinstance(kind_, inspect.NoneType)]
    if len(inner) != 1:
        if all(isinstance(each, _PLAIN) for each in inner):
            return fields.Raw(allow_none=True, **presence)
        message = f"no form for the union {kind}"
        raise TypeError(message)
    nullable = len(inner) != len(kind.types)
    return _field_of(inner[0], **presence, **({"allow_none": True} if nullable else {}))


def _string(kind: inspect.StrType, options: dict[str, Any]) -> fields.Field[Any]:
    checks: list[Callable[[Any], Any]] = []
    if kind.min_length is not None or kind.max_length is not None:
        checks.append(validate.Length(min=kind.min_length, max=kind.max_length))
    if kind.pattern is not None:
        checks.append(validate.Regexp(kind.pattern.replace("$", r"\Z")))
        options.setdefault("metadata", {})["pattern"] = kind.pattern
    return fields.String(validate=checks, **options)


def _bounded(kind: inspect.IntType | inspect.FloatType) -> list[Callable[[Any], Any]]:
    low, high = (
        kind.ge if kind.ge is not None else kind.gt,
        kind.le if kind.le is not None else (kind.lt),
    )
    if low is None and high is None:
        return []
    return [
        validate.Range(
            min=low,
            max=high,
            min_inclusive=kind.gt is None,
            max_inclusive=kind.lt is None,
        )
    ]


def _literal(kind: inspect.LiteralType, options: dict[str, Any]) -> fields.Field[Any]:
    return fields.String(validate=validate.OneOf([str(v) for v in kind.values]), **options)


def _enum(kind: inspect.EnumType, options: dict[str, Any]) -> fields.Field[Any]:
    assert issubclass(kind.cls, enum.StrEnum), kind.cls
    metadata = {"title": kind.cls.__name__, **options.pop("metadata", {})}
    return fields.Enum(kind.cls, by_value=fields.String, metadata=metadata, **options)


def _list(kind: inspect.ListType, options: dict[str, Any]) -> fields.Field[Any]:
    checks = [validate.Length(min=kind.min_length, max=kind.max_length)]
    return fields.List(_field_of(kind.item_type), validate=checks, **options)


def _tuple(kind: inspect.VarTupleType, options: dict[str, Any]) -> fields.Field[Any]:
    checks = [validate.Length(min=kind.min_length, max=kind.max_length)]
    return _TupleField(_field_of(kind.item_type), validate=checks, **options)


class _TupleField(fields.List[Any]):
    """A list on the wire, a tuple in the frozen struct."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **kwargs))


def _dict(kind: inspect.DictType, options: dict[str, Any]) -> fields.Field[Any]:
    values = None if _is_anything(kind.value_type) else _field_of(kind.value_type)
    return fields.Dict(keys=fields.String(), values=values, **options)


def _is_anything(kind: inspect.Type) -> bool:
    """Tell whether a type is plain JSON of any kind (`object`)."""
    return isinstance(kind, inspect.AnyType) or (
        isinstance(kind, inspect.CustomType) and kind.cls is object
    )


_MAKERS: Final[dict[type[inspect.Type], Callable[[Any, dict[str, Any]], fields.Field[Any]]]] = {
    inspect.StrType: _string,
    inspect.IntType: lambda kind, options: fields.Integer(
        strict=True, validate=_bounded(kind), **options
    ),
    inspect.FloatType: lambda kind, options: fields.Float(
        allow_nan=False, validate=_bounded(kind), **options
    ),
    inspect.BoolType: lambda _, options: fields.Boolean(truthy={True}, falsy={False}, **options),
    inspect.DecimalType: lambda _, options: ExactField(**options),
    inspect.DateTimeType: lambda _, options: InstantField(**options),
    inspect.DateType: lambda _, options: fields.Date(**options),
    inspect.LiteralType: _literal,
    inspect.EnumType: _enum,
    inspect.ListType: _list,
    inspect.VarTupleType: _tuple,
    inspect.DictType: _dict,
    inspect.StructType: lambda kind, options: fields.Nested(form_of(kind.cls), **options),
    inspect.AnyType: lambda _, options: fields.Raw(**options),
    inspect.RawType: lambda _, options: fields.Raw(**options),
    inspect.CustomType: lambda _, options: fields.Raw(**options),
}
