"""The HTTP API in words, read out of its own OpenAPI description."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from kembali.web.api.site import api
from kembali.web.pages import api_docs as pages
from kembali.web.requests import ShopRequest

_REF = "#/components/schemas/"


def api_docs(request: ShopRequest) -> HttpResponse:
    """Show every call with what it takes."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    shapes = schema["components"]["schemas"]
    groups: dict[str, list[pages.CallRow]] = {}
    for path, methods in schema["paths"].items():
        for method, call in methods.items():
            groups.setdefault(call["tags"][0], []).append(_call(method, path, call, shapes))
    page = pages.ApiDocsPage(
        base_url=settings.KEMBALI.base_url,
        groups=tuple(pages.CallGroup(name, tuple(calls)) for name, calls in groups.items()),
    )
    return pages.render(request, page)


def _call(method: str, path: str, call: Mapping[str, Any], shapes: Mapping[str, Any]) -> pages.CallRow:
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    shape = shapes.get(body.get("$ref", "").removeprefix(_REF), {})
    needed = set(shape.get("required", ()))
    return pages.CallRow(
        method=method.upper(),
        path=path,
        scope=call["x-scope"],
        meaning=call.get("description", ""),
        parameters=tuple(
            pages.ParameterRow(
                one["name"], _type_of(one["schema"]), one.get("required", False), one.get("description", "")
            )
            for one in call.get("parameters", ())
        ),
        body=tuple(
            pages.ParameterRow(name, _type_of(one), name in needed, "")
            for name, one in shape.get("properties", {}).items()
        ),
        body_note=shape.get("description", ""),
    )


def _type_of(schema: Mapping[str, Any]) -> str:
    """Return a type in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    if choices := schema.get("anyOf"):
        return " or ".join(_type_of(one) for one in choices if one.get("type") != "null")
    if choices := schema.get("enum"):
        return " | ".join(str(one) for one in choices)
    if schema.get("type") == "array":
        return f"list of {_type_of(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")
