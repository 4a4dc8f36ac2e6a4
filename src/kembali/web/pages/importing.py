"""Import: drop a file, see what would happen, then let it happen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page


@dataclass(frozen=True, slots=True)
class UploadPage:
    """The empty form. `currency` and `zone` are fixed once the first fact is in (`fixed`)."""

    currency: str
    zone: str
    fixed: bool
    max_megabytes: int
    error: str = ""
    error_hint: str = ""
    shop_name: str = ""
    setting: str = "import"


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """A reason for rejecting lines, how many, and one example as text."""

    reason: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column of the file and what it becomes; empty `becomes`: kept as a property."""

    column: str
    becomes: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field the file can fill, and the column that fills it; empty: none."""

    field: str
    meaning: str
    column: str


@dataclass(frozen=True, slots=True)
class Count:
    """Something counted, in words."""

    words: str
    count: int


@dataclass(frozen=True, slots=True)
class DryRunPage:
    """What importing the file would do. `token` identifies the uploaded file for the confirming POST.

    kind: orders, customers, …; `kind_words` as a person calls it. merged: lines already known; None where that was not
    asked. facts, permissions: what the file makes. choices: the mapping as it can be changed, `column_names` to choose
    from; `saved_mapping`: the name of the one that was used. error: why a changed mapping was not taken.
    """

    token: str
    file_name: str
    file_type: str
    encoding: str
    currency: str
    zone: str
    lines: int
    accepted: int
    merged: int | None
    rejected: int
    duplicates: int
    order_count: int
    customer_count: int
    sum_minor: int
    first_date: str
    last_date: str
    columns: tuple[ColumnUse, ...]
    reasons: tuple[ReasonCount, ...]
    kind: str = "orders"
    kind_words: str = "orders"
    facts: tuple[Count, ...] = ()
    permissions: tuple[Count, ...] = ()
    choices: tuple[FieldChoice, ...] = ()
    column_names: tuple[str, ...] = ()
    saved_mapping: str = ""
    save_as: str = ""
    error: str = ""
    error_hint: str = ""
    setting: str = "import"


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """An import that was started: running, or ended with every line accounted for, or with the reason why not."""

    file_name: str
    state: Literal["running", "done", "failed"]
    started_at: datetime | None
    at: datetime
    lines: int
    accepted: int
    merged: int
    rejected: int
    import_id: int = 0
    error: str = ""
    error_hint: str = ""
    setting: str = "import"


def render_upload(request: HttpRequest, page: UploadPage) -> HttpResponse:
    """Return the form; 422 when it carries an error."""
    return render_page(request, "web/import.html", page, nav="settings", status=422 if page.error else 200)


def render_dry_run(request: HttpRequest, page: DryRunPage) -> HttpResponse:
    """Return the dry run with its confirm button; 422 when a mapping was not taken."""
    return render_page(request, "web/import_dry_run.html", page, nav="settings", status=422 if page.error else 200)


def render_progress(request: HttpRequest, page: ProgressPage) -> HttpResponse:
    """Return how the import goes; a running one asks for itself again."""
    return render_page(request, "web/import_progress.html", page, nav="settings")
