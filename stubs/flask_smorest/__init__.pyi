from collections.abc import Callable, Mapping
from typing import NoReturn, TypeAlias, TypeVar

from apispec import APISpec
from flask import Blueprint as FlaskBlueprint
from flask import Flask
from marshmallow import Schema

_ViewT = TypeVar("_ViewT", bound=Callable[..., object] | type)
_Schema: TypeAlias = Schema | type[Schema] | Mapping[str, object]
_Headers: TypeAlias = Mapping[str, object]

class Blueprint(FlaskBlueprint):
    description: str
    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        description: str = "",
        url_prefix: str | None = None,
    ) -> None: ...
    def route(
        self,
        rule: str,
        *,
        parameters: list[str | Mapping[str, object]] | None = None,
        tags: list[str] | None = None,
        **options: object,
    ) -> Callable[[_ViewT], _ViewT]: ...
    def arguments(
        self,
        schema: _Schema,
        *,
        location: str = "json",
        content_type: str | None = None,
        required: bool = True,
        description: str | None = None,
        example: object = None,
        examples: Mapping[str, object] | None = None,
        **kwargs: object,
    ) -> Callable[[_ViewT], _ViewT]: ...
    def response(
        self,
        status_code: int | str,
        schema: _Schema | None = None,
        *,
        content_type: str | None = None,
        description: str | None = None,
        example: object = None,
        examples: Mapping[str, object] | None = None,
        headers: _Headers | None = None,
    ) -> Callable[[_ViewT], _ViewT]: ...
    def alt_response(
        self,
        status_code: int | str,
        response: str | None = None,
        *,
        schema: _Schema | None = None,
        content_type: str | None = None,
        description: str | None = None,
        example: object = None,
        examples: Mapping[str, object] | None = None,
        headers: _Headers | None = None,
        success: bool = False,
    ) -> Callable[[_ViewT], _ViewT]: ...
    @staticmethod
    def doc(**kwargs: object) -> Callable[[_ViewT], _ViewT]: ...
    def etag(self, obj: _ViewT) -> _ViewT: ...
    def check_etag(self, etag_data: object, etag_schema: _Schema | None = None) -> None: ...
    def set_etag(self, etag_data: object, etag_schema: _Schema | None = None) -> None: ...

class Api:
    spec: APISpec
    def __init__(
        self,
        app: Flask | None = None,
        *,
        spec_kwargs: Mapping[str, object] | None = None,
        config_prefix: str = "",
    ) -> None: ...
    def init_app(self, app: Flask, *, spec_kwargs: Mapping[str, object] | None = None) -> None: ...
    def register_blueprint(
        self,
        blp: Blueprint,
        *,
        parameters: list[str | Mapping[str, object]] | None = None,
        **options: object,
    ) -> None: ...
    def register_field(self, field: type, *args: object) -> None: ...
    def register_converter(self, converter: type, func: Callable[..., object]) -> None: ...
    ERROR_SCHEMA: type[Schema] | None
    DEFAULT_RESPONSE_CONTENT_TYPE: str
    def _register_responses(self) -> None: ...

def abort(http_status_code: int, exc: Exception | None = None, **kwargs: object) -> NoReturn: ...
