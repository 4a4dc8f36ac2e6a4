"""How commands are told which column fills which field."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kembali.cli.output import console, report, rows

Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="field=column, several with commas, such as order_ref=order_id,placed_at=created_at; or @FILE with JSON.",
    ),
]


def show_mappings(*, as_json: bool) -> None:
    """Show what was saved: each name, and which column fills which field."""
    from kembali.collect import api as collect

    saved = collect.list_mappings()
    if as_json:
        report({"mappings": saved}, as_json=True)
    elif not saved:
        console.print("No mapping is saved. Save one with --map … --save-mapping NAME.")
    else:
        cells = [
            (name, ", ".join(f"{field}={column}" for field, column in mapping.items()))
            for name, mapping in saved.items()
        ]
        rows("Saved mappings", ("name", "field = column"), cells)


def mapping_given(entries: Sequence[str]) -> dict[str, str]:
    """Return what `--map` says: `field=column` entries, and JSON files where column names hold commas.

    Raises:
        BadMapping: an entry is neither.
    """
    from kembali.collect import api as collect

    given: dict[str, str] = {}
    for entry in entries:
        if not entry.startswith("@"):
            given |= collect.parse_mapping(entry)
            continue
        try:
            given |= msgspec.json.decode(Path(entry[1:]).read_bytes(), type=dict[str, str])
        except (OSError, msgspec.DecodeError) as error:
            raise collect.BadMapping(f"{entry}: {error}.", hint='Write a JSON object: {"field": "column"}.') from error
    return given
