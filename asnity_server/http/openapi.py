"""The HTTP routes as an OpenAPI 3.1 document, made from the route table and the structs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from asnity_server.protocol import routes
from asnity_server.protocol.errors import BY_CODE
from asnity_server.protocol.routes import Route

from .errors import ErrorBody

Json = dict[str, Any]
"""Part of the document."""

_REF = "#/components/schemas/{name}"
_IN_PATH = re.compile(r"{(\w+)}")
_BODY_METHODS = ("POST", "PUT", "PATCH")


def document(version: str, table: Mapping[str, Route[Any, Any]] | None = None) -> Json:
    """The document for a server of this version; `table` has the routes by name."""
    named = table or _named_routes()
    kinds: list[type] = [ErrorBody]
    for route in named.values():
        kinds += [route.request, *([] if route.answer is type(None) else [route.answer])]
    _, found = msgspec.json.schema_components(kinds, ref_template=_REF)
    schemas: Json = {name: _portable(schema) for name, schema in found.items()}
    paths: dict[str, Json] = {}
    for name, route in named.items():
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(name, route, schemas)
    # requests are told where they are made of: the path, the query string, the body
    for route in named.values():
        schemas.pop(route.request.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Asnity", "version": version, "license": {"name": "MIT", "identifier": "MIT"}},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": _errors(),
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"session": []}],
    }


def _named_routes() -> dict[str, Route[Any, Any]]:
    return {name: each for name, each in vars(routes).items() if isinstance(each, Route)}


def _operation(name: str, route: Route[Any, Any], schemas: Json) -> Json:
    first, *rest = name.lower().split("_")
    in_path = _IN_PATH.findall(route.path)
    request: Json = schemas[route.request.__name__]
    operation: Json = {
        "operationId": first + "".join(each.capitalize() for each in rest),
        "summary": inspect.getdoc(route.request),
        "parameters": [_parameter(each, "path", request) for each in in_path],
        "responses": _responses(route),
    }
    others = [each for each in request["properties"] if each not in in_path]
    if route.method in _BODY_METHODS:
        if others:
            operation["requestBody"] = _body(request, others)
    else:
        operation["parameters"] += [_parameter(each, "query", request) for each in others]
    if route.open:
        operation["security"] = []
    return operation


def _parameter(name: str, where: str, request: Json) -> Json:
    schema = _without_null(request["properties"][name])
    if where == "path" and schema.get("type") == "string":
        schema = {"minLength": 1, **schema}
    return {"name": name, "in": where, "required": name in request.get("required", ()), "schema": schema}


def _body(request: Json, names: list[str]) -> Json:
    required = [each for each in request.get("required", ()) if each in names]
    schema = {
        "type": "object",
        "properties": {each: request["properties"][each] for each in names},
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


def _responses(route: Route[Any, Any]) -> Json:
    if route.answer is type(None):
        success: Json = {"description": "Done."}
    else:
        schema = {"$ref": _REF.format(name=route.answer.__name__)}
        success = {
            "description": inspect.getdoc(route.answer) or "",
            "content": {"application/json": {"schema": schema}},
        }
    refusals = {str(kind.status): {"$ref": f"#/components/responses/{code}"} for code, kind in BY_CODE.items()}
    return {str(route.status): success, **refusals}


def _errors() -> Json:
    """One response for each code; what it means stands with the exception."""
    shape = {"application/json": {"schema": {"$ref": _REF.format(name=ErrorBody.__name__)}}}
    return {code: {"description": inspect.getdoc(kind) or "", "content": shape} for code, kind in BY_CODE.items()}


def _without_null(schema: Json) -> Json:
    """A query string can't say null: what may be is left out there."""
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**choices[0], **{name: each for name, each in schema.items() if name not in ("anyOf", "default")}}


def _portable(schema: Any) -> Any:
    r"""Patterns as every language knows them: `\Z` is Python's alone."""
    if isinstance(schema, dict):
        return {
            name: each.replace(r"\Z", "$") if name == "pattern" and isinstance(each, str) else _portable(each)
            for name, each in schema.items()
        }
    return [_portable(each) for each in schema] if isinstance(schema, list) else schema
