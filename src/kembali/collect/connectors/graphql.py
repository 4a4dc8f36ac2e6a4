"""Ask a shop by GraphQL: what is asked for follows from the shape it is read into."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, get_args

import msgspec

from kembali.collect.connectors.asking import ask_json
from kembali.collect.connectors.errors import ShopAnswersNonsense, ShopRefuses
from kembali.collect.connectors.values import Http


class Said(msgspec.Struct, frozen=True):
    """What a query answered, and with which headers."""

    data: Any
    headers: Mapping[str, str]


def fields_of(shape: type[msgspec.Struct], **arguments: str) -> str:
    """Return a selection with every member of a shape: `id customer { email }`.

    Args:
        arguments: of a member: `orders="(first: 1)"`.
    """
    return " ".join(_selected(shape, arguments))


def ask_graphql(
    http: Http, url: str, query: str, *, headers: Mapping[str, str], at: datetime, variables: Mapping[str, object]
) -> Said:
    """Return what a query answers.

    Raises:
        ShopRefuses: it answers with an error; `said` is the error's code, such as FORBIDDEN.
        ShopBusy, ShopAnswersNonsense: as `ask_json`.
    """
    answer = ask_json(http, "POST", url, headers=headers, at=at, body={"query": query, "variables": variables})
    said = answer.json
    if not isinstance(said, dict) or not ({"data", "errors"} & set(said)):
        raise ShopAnswersNonsense("This address does not answer as a GraphQL API does.")
    errors = said.get("errors")
    if errors:
        first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
        extensions = first.get("extensions")
        code = extensions.get("code", "") if isinstance(extensions, dict) else ""
        raise ShopRefuses(f"The shop says: “{str(first.get('message', errors))[:200]}”.", said=str(code))
    return Said(said["data"], answer.headers)


def _selected(shape: type[msgspec.Struct], arguments: Mapping[str, str]) -> Iterator[str]:
    for field in msgspec.structs.fields(shape):
        name, inner = field.encode_name, _struct_in(field.type)
        asked = name + arguments.get(name, "")
        yield asked if inner is None else f"{asked} {{ {' '.join(_selected(inner, arguments))} }}"


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """Return the shape in `Shape`, `Shape | None` or `list[Shape]`."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for part in get_args(kind) if (found := _struct_in(part)) is not None), None)
