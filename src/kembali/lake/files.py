"""Where the lake's files are, and the manifest that says which of them belong together.

One manifest, replaced atomically, makes the whole lake one consistent state: a reader takes it once and never sees half
an export.
"""

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from kembali.lake.contracts import Manifest
from kembali.lake.errors import LakeNotReady

_KEPT_HOURS = 24
_VACUUM_EVERY = 20


def base_dir(lake_dir: Path, name: str) -> Path:
    """Return the folder of a table's whole rows."""
    return lake_dir / name / "base"


def changed_dir(lake_dir: Path, name: str) -> Path:
    """Return the folder of the rows that changed since the base was written."""
    return lake_dir / name / "changed"


def read_manifest(lake_dir: Path) -> Manifest | None:
    """Return the lake's present state, None where there is none."""
    try:
        return msgspec.json.decode((lake_dir / "manifest.json").read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None


def write_manifest(lake_dir: Path, manifest: Manifest) -> None:
    """Make `manifest` the lake's present state."""
    draft = lake_dir / "manifest.json.new"
    draft.write_bytes(msgspec.json.encode(manifest))
    draft.replace(lake_dir / "manifest.json")


def write_rows(folder: Path, rows: pa.Table | pa.RecordBatchReader) -> int:
    """Replace a Delta table's rows (an Arrow table or reader) and return its new version; old files go after a day."""
    folder.mkdir(parents=True, exist_ok=True)
    write_deltalake(str(folder), rows, mode="overwrite", schema_mode="overwrite")
    table = DeltaTable(str(folder))
    version = table.version()
    if version and version % _VACUUM_EVERY == 0:
        table.vacuum(retention_hours=_KEPT_HOURS, enforce_retention_duration=False, dry_run=False)
        table.create_checkpoint()
    return version


def paths_of(folder: Path, version: int) -> list[str]:
    """Return the Parquet files of one version.

    Raises:
        LakeNotReady: the files are gone.
    """
    paths = _files_of(folder, version)
    if not all(path.exists() for path in paths):
        _files_of.cache_clear()  # the lake may have been rebuilt by somebody else
        paths = _files_of(folder, version)
    if not all(path.exists() for path in paths):
        raise LakeNotReady(f"Files of {folder.parent.name} are missing from the lake.", hint="Rebuild it.")
    return [str(path) for path in paths]


@lru_cache(maxsize=256)
def _files_of(folder: Path, version: int) -> tuple[Path, ...]:
    """Read a version's list of files from its log. A version never changes; reading it takes longer than a query."""
    try:
        uris = DeltaTable(str(folder), version=version).file_uris()
    except (TableNotFoundError, DeltaError) as error:
        raise LakeNotReady(f"The lake's files of {folder.parent.name} cannot be read.", hint="Rebuild it.") from error
    return tuple(Path(unquote(uri.removeprefix("file://"))) for uri in uris)
