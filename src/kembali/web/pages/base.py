"""Turning a view model into a response: template, highlighted place in the navigation, CSV of its charts."""

import csv
import io
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kembali.web.pages.parts import Chart


def render_page(
    request: HttpRequest,
    template: str,
    page: object,
    *,
    nav: str,
    charts: Sequence[Chart | None] = (),
    status: int = 200,
) -> HttpResponse:
    """Return the page as HTML, or, for `?csv=<chart key>`, the numbers of that chart as a CSV file."""
    wanted = request.GET.get("csv", "")
    chart = next((one for one in charts if one is not None and one.key == wanted), None) if wanted else None
    if chart is not None:
        return chart_csv(chart)
    return render(request, template, {"page": page, "nav_active": nav}, status=status)


def chart_csv(chart: Chart) -> HttpResponse:
    """Return a chart's numbers as an attachment. Labels are quoted so that no spreadsheet takes one for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["label", "value", "low", "high"])
    for point in chart.points:
        writer.writerow([_inert(point.label), point.value, point.low, point.high])
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{chart.key}.csv"'
    return response


def _inert(cell: str) -> str:
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
