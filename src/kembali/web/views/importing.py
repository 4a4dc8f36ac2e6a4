"""Import a file from the browser: upload, dry run, confirm, progress. The work is done by our own command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext

from kembali.kernel.clock import zone
from kembali.kernel.errors import KembaliError, Refused
from kembali.kernel.money import currency_code
from kembali.shop import api as shop
from kembali.web import formatting
from kembali.web.file_words import facts_in_words, kind_in_words
from kembali.web.pages import importing as pages
from kembali.web.requests import ShopRequest
from kembali.web.subprocesses import DRY_RUN_SECONDS, NotUnderstood, answer_in, run_and_answer, start_detached
from kembali.web.uploads import MAX_MEGABYTES, Order, Upload, safe_name, too_large, was_cut


class NoFile(Refused):
    """The form came without a file."""

    code = "no_file"


class _Rejects(msgspec.Struct, frozen=True):
    code: str
    count: int
    examples: tuple[str, ...] = ()


class _Plan(msgspec.Struct, frozen=True):
    """What the command's dry run answers. What an older one does not tell stays None or empty."""

    format: str
    lines: int
    accepted: int
    rejected: int
    orders: int
    customers: int
    revenue_minor: int
    exact_duplicates: int
    first_placed_at: datetime | None
    last_placed_at: datetime | None
    unmapped_columns: tuple[str, ...] = ()
    rejects: tuple[_Rejects, ...] = ()
    merged: int | None = None
    encoding: str = ""
    mapped: Mapping[str, str] = {}
    kind: str = "orders"
    facts: Mapping[str, int] = {}
    consents_in_words: Mapping[str, int] = {}
    columns: tuple[str, ...] = ()
    fields: Mapping[str, str] = {}
    mapping_name: str = ""


def upload(request: ShopRequest) -> HttpResponse:
    """GET shows the form; POST keeps the file, does a dry run and leads to what it found."""
    if request.method != "POST":
        return pages.render_upload(request, _form(request))
    kept: Upload | None = None
    try:
        order, file = _asked_for(request)
        kept = Upload.keep(file, order)
        kept.remember_plan(run_and_answer([*_words(kept), "--dry-run"], seconds=DRY_RUN_SECONDS))
    except KembaliError as error:
        if kept is not None:
            kept.forget()
        return pages.render_upload(request, _form(request, error))
    return redirect("web:import-plan", kept.token)


def plan(request: ShopRequest, token: str) -> HttpResponse:
    """Show what importing an uploaded file would do."""
    return _render_plan(request, Upload(token))


def change_mapping(request: ShopRequest, token: str) -> HttpResponse:
    """Take another mapping for an uploaded file, look again, and lead to what was found."""
    kept = Upload(token)
    before, found = kept.order, msgspec.convert(kept.plan(), _Plan)
    chosen = {field: request.POST.get(f"field-{field}", "") for field in found.fields}
    kept.change(
        msgspec.structs.replace(
            before,
            mapping={"as": found.format} | {field: column or "-" for field, column in chosen.items()},
            save_as=request.POST.get("save_as", "").strip()[:100],
        )
    )
    try:
        kept.remember_plan(run_and_answer([*_words(kept), "--dry-run"], seconds=DRY_RUN_SECONDS))
    except KembaliError as error:
        kept.change(before)
        return _render_plan(request, kept, error)
    return redirect("web:import-plan", kept.token)


def _render_plan(request: ShopRequest, kept: Upload, error: KembaliError | None = None) -> HttpResponse:
    order, found = kept.order, msgspec.convert(kept.plan(), _Plan)
    page = pages.DryRunPage(
        token=kept.token,
        file_name=order.file_name,
        file_type=found.format.replace("_", " "),
        encoding=found.encoding,
        currency=order.currency,
        zone=order.zone,
        lines=found.lines,
        accepted=found.accepted,
        merged=found.merged,
        rejected=found.rejected,
        duplicates=found.exact_duplicates,
        order_count=found.orders,
        customer_count=found.customers,
        sum_minor=found.revenue_minor,
        first_date=_day(found.first_placed_at),
        last_date=_day(found.last_placed_at),
        columns=(
            *(pages.ColumnUse(column, field.replace("_", " ")) for field, column in found.mapped.items()),
            *(pages.ColumnUse(column, "") for column in found.unmapped_columns),
        ),
        reasons=tuple(
            pages.ReasonCount(one.code.replace("_", " "), one.count, one.examples[0] if one.examples else "")
            for one in found.rejects
        ),
        kind=found.kind,
        kind_words=kind_in_words(found.kind),
        facts=tuple(pages.Count(facts_in_words(kind), count) for kind, count in found.facts.items()),
        permissions=tuple(pages.Count(words, count) for words, count in found.consents_in_words.items()),
        choices=tuple(
            pages.FieldChoice(field, meaning, found.mapped.get(field, "")) for field, meaning in found.fields.items()
        ),
        column_names=found.columns,
        saved_mapping=found.mapping_name,
        save_as=order.save_as,
        error=error.message if error else "",
        error_hint=error.hint if error else "",
    )
    return pages.render_dry_run(request, page)


def confirm(request: ShopRequest) -> HttpResponse:
    """Start the import, once, and lead to its progress."""
    kept = Upload(request.POST.get("token", ""))
    kept.plan()
    if kept.claim():
        named = ["--save-mapping", kept.order.save_as] if kept.order.save_as else []
        start_detached([*_words(kept), *named, "--yes"], answer=kept.answer)
    return redirect("web:import-progress", kept.token)


def progress(request: ShopRequest, token: str) -> HttpResponse:
    """Show how an import goes; the page asks again until it has ended."""
    kept = Upload(token)
    order = kept.order
    error = hint = ""
    answer: dict[str, object] = {}
    if kept.answer.exists():
        try:
            answer = answer_in(kept.answer.read_bytes())
        except NotUnderstood as refused:
            error, hint = refused.message, refused.hint
    page = pages.ProgressPage(
        file_name=order.file_name,
        state="failed" if error else "done" if answer else "running",
        started_at=kept.claimed_at(),
        at=request.at,
        lines=_number(answer.get("lines")),
        accepted=_number(answer.get("accepted")),
        merged=_number(answer.get("merged")),
        rejected=_number(answer.get("rejected")),
        import_id=_number(answer.get("import_id")),
        error=error,
        error_hint=hint,
    )
    return pages.render_progress(request, page)


def _asked_for(request: ShopRequest) -> tuple[Order, UploadedFile[bytes]]:
    file = request.FILES.get("file")
    if was_cut(request):
        raise too_large()
    if not isinstance(file, UploadedFile) or not file.name:
        raise NoFile(gettext("Choose a file first."))
    found = request.shop
    order = Order(
        file_name=safe_name(file.name),
        currency=found.currency if found else currency_code(request.POST.get("currency", "")),
        zone=found.time_zone if found else zone(request.POST.get("zone", "")).key,
        shop_name="" if found else request.POST.get("name", "").strip()[:120],
    )
    return order, file


def _words(kept: Upload) -> list[str]:
    order = kept.order
    named = ["--name", order.shop_name] if order.shop_name else []
    if order.mapping:
        named += ["--map", f"@{kept.mapping_path}"]
    return ["import", str(kept.path), "--currency", order.currency, "--tz", order.zone, *named]


def _form(request: ShopRequest, error: KembaliError | None = None) -> pages.UploadPage:
    found: shop.ShopSettings | None = request.shop
    return pages.UploadPage(
        currency=found.currency if found else request.POST.get("currency", "EUR"),
        zone=found.time_zone if found else request.POST.get("zone", "Europe/London"),
        fixed=found is not None,
        max_megabytes=MAX_MEGABYTES,
        error=error.message if error else "",
        error_hint=error.hint if error else "",
        shop_name=found.name if found else request.POST.get("name", ""),
    )


def _day(moment: datetime | None) -> str:
    return formatting.day(moment, get_current_timezone()) if moment else "–"


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
