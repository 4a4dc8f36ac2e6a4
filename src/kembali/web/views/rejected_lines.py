"""The lines of an import that were not understood: taken away to be mended, or read again."""

from itertools import chain

from django.contrib import messages as notes
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.kernel.errors import KembaliError
from kembali.web import formatting
from kembali.web.requests import ShopRequest
from kembali.web.subprocesses import DRY_RUN_SECONDS, run_and_answer


def download(request: ShopRequest, import_id: int) -> StreamingHttpResponse:  # noqa: ARG001 - every view has it
    """Send the lines of an import that wait, as a table to mend in a spreadsheet."""
    answer = StreamingHttpResponse(
        chain(["\ufeff"], collect.rejected_as_csv(import_id)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="not-understood-{import_id}.csv"'
    return answer


def replay(request: ShopRequest, import_id: int) -> HttpResponse:
    """Have the lines of an import that wait read again, with what is said of how to read them."""
    collect.import_of(import_id)
    said = request.POST.get("mapping", "").replace("\x00", "").strip()[:1000]
    try:
        if said.startswith("@"):  # to the command it would name a file of the server
            raise collect.BadMapping(gettext("“%(said)s” names no field.") % {"said": said[:80]})
        words = ["rejects", "--replay", str(import_id), *([f"--map={said}"] if said else [])]
        done = run_and_answer(words, seconds=DRY_RUN_SECONDS)
    except KembaliError as error:
        notes.error(request, f"{error.message} {error.hint or ''}".strip())
        return redirect("web:health")
    accepted, still = int(str(done["accepted"])), int(str(done["rejected"]))
    told = gettext("%(accepted)s lines are in now, %(still)s are still not understood.")
    words_of = {"accepted": formatting.number(accepted), "still": formatting.number(still)}
    (notes.success if accepted and not still else notes.warning)(request, told % words_of)
    return redirect("web:health")
