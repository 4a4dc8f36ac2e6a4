"""Files on their way in: capped while they stream, kept for one import, gone after a day."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest
from django.utils.translation import gettext

from kembali.kernel.errors import NotFound, Refused

MAX_MEGABYTES: Final = 200
_MAX_BYTES: Final = MAX_MEGABYTES * 1024 * 1024
_KEPT_SECONDS: Final = 24 * 3600
_CUT: Final = "kembali.upload_cut"
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_OUR_NAMES: Final = frozenset({"", "started", "order.json", "plan.json", "mapping.json", "answer.json", "answer.draft"})
_NOT_IN_NAMES: Final = re.compile(r"[^\w.\- ]+")


class UploadNotFound(NotFound):
    """The uploaded file is gone: it was imported long ago, or never there."""

    code = "upload_not_found"


class UploadTooLarge(Refused):
    """A file is larger than a page takes."""

    code = "upload_too_large"


class CappedUploadHandler(FileUploadHandler):
    """Stops reading once a request brings more than the cap; passes everything else on."""

    _seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - Django's signature
        """Count what comes in; beyond the cap nothing more is read."""
        self._seen += len(raw_data)
        if self._seen > _MAX_BYTES:
            if self.request is not None:
                self.request.META[_CUT] = "1"
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:  # noqa: ARG002 - Django's signature
        """Leave the file to the next handler."""
        return None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done with an uploaded file: how it is named and how its amounts and times are read."""

    file_name: str
    currency: str
    zone: str
    shop_name: str = ""
    mapping: dict[str, str] = {}
    save_as: str = ""


class Upload:
    """One uploaded file in a folder of its own, named by a random token; everything about it lies beside it."""

    def __init__(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise UploadNotFound(gettext("This upload is not known."), hint=gettext("Choose the file again."))
        self.token = token
        self.folder = _uploads_folder() / token

    @classmethod
    def keep(cls, file: UploadedFile[bytes], order: Order) -> Upload:
        """Store an uploaded file, readable by us alone.

        Raises:
            UploadTooLarge: it is beyond the cap.
        """
        if (file.size or 0) > _MAX_BYTES:
            raise too_large()
        forget_old()
        upload = cls(secrets.token_hex(16))
        upload.folder.mkdir(mode=0o700)
        upload._write("order.json", order)
        path = upload.folder / order.file_name
        path.touch(mode=0o600)
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        return upload

    @property
    def order(self) -> Order:
        """What was said about the file.

        Raises:
            UploadNotFound: it is gone.
        """
        try:
            return msgspec.json.decode((self.folder / "order.json").read_bytes(), type=Order)
        except FileNotFoundError as error:
            raise UploadNotFound(
                gettext("This upload is gone."), hint=gettext("Files wait for a day. Choose it again.")
            ) from error

    def change(self, order: Order) -> None:
        """Say something else about the file."""
        self._write("order.json", order)

    @property
    def mapping_path(self) -> Path:
        """Where the mapping lies for the command, as a file: names of columns may hold anything."""
        path = self.folder / "mapping.json"
        self._write(path.name, self.order.mapping)
        return path

    @property
    def path(self) -> Path:
        """The file itself, under its own name: its ending tells how it is packed."""
        return self.folder / self.order.file_name

    @property
    def answer(self) -> Path:
        """Where the import writes its one line of JSON."""
        return self.folder / "answer.json"

    def remember_plan(self, plan: dict[str, object]) -> None:
        """Keep what the dry run found, so that the page can be looked at again."""
        self._write("plan.json", plan)

    def plan(self) -> dict[str, object]:
        """Return what the dry run found.

        Raises:
            UploadNotFound: there was none.
        """
        try:
            found: dict[str, object] = msgspec.json.decode((self.folder / "plan.json").read_bytes())
        except FileNotFoundError as error:
            raise UploadNotFound(gettext("This upload is gone."), hint=gettext("Choose the file again.")) from error
        return found

    def claim(self) -> bool:
        """Return True to the first who asks: only they start the import."""
        try:
            (self.folder / "started").touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return False
        return True

    def claimed_at(self) -> datetime | None:
        """Return when the import was started, wall clock, None before."""
        try:
            return datetime.fromtimestamp((self.folder / "started").stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def forget(self) -> None:
        """Remove everything about the upload."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name: str, value: object) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.encode(value))


def was_cut(request: HttpRequest) -> bool:
    """Return whether a request brought more than the cap, so that its file was not read."""
    return _CUT in request.META


def too_large() -> UploadTooLarge:
    """Return what is said of a file beyond the cap."""
    words = gettext("The file is larger than %(mb)s MB.") % {"mb": MAX_MEGABYTES}
    return UploadTooLarge(words, hint=gettext("Import it on the server: kembali import FILE."))


def safe_name(name: str) -> str:
    """Return a file's own name without what folders or shells could take for something else."""
    bare = _NOT_IN_NAMES.sub("_", Path(name.replace("\\", "/")).name).lstrip(". -")[-100:]
    return bare if bare not in _OUR_NAMES else "orders.csv"


def forget_old() -> None:
    """Remove uploads of more than a day ago."""
    for folder in _uploads_folder().iterdir():
        if folder.stat().st_mtime < time.time() - _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _uploads_folder() -> Path:
    folder: Path = settings.KEMBALI.home / "work" / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
