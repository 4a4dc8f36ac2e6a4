"""One journey: its tree with people, launching, pausing, and who waits at a step."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from kembali.journeys import api as journeys
from kembali.kernel.errors import Refused
from kembali.kernel.ids import EnrolmentId, FlowKey
from kembali.measure import api as measure
from kembali.web import formatting
from kembali.web.flowtree import steps_of, title_of
from kembali.web.naming import names_of, segment_names
from kembali.web.pages import journeys as pages
from kembali.web.pages.parts import Tag
from kembali.web.paging import PAGE_SIZE, cursor_of, pager
from kembali.web.requests import ShopRequest
from kembali.web.results import result_tag
from kembali.web.views.journeys import DAYS


class BadChoice(Refused):
    """A form said something that was not offered."""

    code = "bad_choice"


@dataclass(frozen=True, slots=True)
class _Known:
    """A flow, launched or only shipped. `newer`: the shipped one differs from the version people enter."""

    view: journeys.FlowView | None
    summary: journeys.FlowSummary | None
    flow: journeys.Flow
    source_yaml: str
    newer: bool


def journey(request: ShopRequest, key: str) -> HttpResponse:
    """Show one journey."""
    known = _known(key, request)
    view, summary = known.view, known.summary
    counts = journeys.step_counts(FlowKey(key)) if view else {}
    names = {str(segment): name for segment, name in segment_names().items()}
    proof = measure.find_proof(key) if view else None
    page = pages.JourneyPage(
        at=request.at,
        key=key,
        title=known.flow.name,
        sentence=known.flow.purpose,
        status=view.state if view else "draft",
        version=view.version if view else 1,
        draft_version=view.version + 1 if view and known.newer else None,
        launched_at=view.launched_at if view else None,
        days=DAYS,
        inside_count=summary.inside_count if summary else 0,
        entered_count=summary.entered_count if summary else 0,
        came_back_count=summary.goal_count if summary else 0,
        holdout_share=Decimal(known.flow.holdout.percent) / 100,
        result=result_tag(proof) if view else Tag(gettext("not launched")),
        proof_href=reverse("web:proof", args=[key]) if view else "",
        power=_power(key),
        steps=steps_of(view.tree if view else journeys.describe(known.flow), counts, names),
        waiting_count=summary.inside_count if summary else 0,
        source_yaml=known.source_yaml,
    )
    return pages.render_one(request, page)


def publish(request: ShopRequest, key: str) -> HttpResponse:
    """Launch a shipped journey, let its newer version go live, or let a paused one go on; say what was done."""
    start = request.POST.get("start", "from_now")
    if start not in {"from_now", "include_current"}:
        raise BadChoice(gettext("Say whether it begins with the people who are in the segment today."))
    known = _known(key, request)
    if known.view is not None and known.view.state == "paused":
        journeys.resume_flow(known.view.key, at=request.at)
        notes.success(request, gettext("It goes on from now: what happened during the pause starts nothing."))
    if known.view is None or known.newer:
        done = journeys.launch_playbook(key, at=request.at, backlog=start == "include_current")
        if preview := measure.find_preview(key):
            measure.say_power(preview, version=done.version, at=request.at)
        notes.success(request, _launched(done))
    return redirect("web:journey", key)


def pause(request: ShopRequest, key: str) -> HttpResponse:
    """Let nobody in any more; those inside go on."""
    journeys.pause_flow(FlowKey(key))
    notes.success(request, gettext("Paused: nobody enters any more, those inside go on."))
    return redirect("web:journey", key)


def step(request: ShopRequest, key: str, step: str) -> HttpResponse:
    """Show who waits at a step."""
    view = journeys.flow_of(FlowKey(key))
    after = cursor_of(request)
    start = None if after is None else EnrolmentId(after)
    people = journeys.people_at(view.key, step, limit=PAGE_SIZE + 1, after=start)
    shown = people[:PAGE_SIZE]
    names = names_of([one.customer_id for one in shown])
    counts = journeys.step_counts(view.key).get(step)
    waiting = counts.waiting_count if counts else 0
    state = gettext("waiting")
    page = pages.StepPeoplePage(
        at=request.at,
        journey_key=key,
        journey_title=view.flow.name,
        step_title=title_of(view.tree, step),
        state=state,
        states=(pages.StepCount(state, waiting, request.path),),
        rows=tuple(
            pages.StepPerson(
                customer_id=one.customer_id,
                name=names[one.customer_id],
                arm=one.arm,
                state=Tag(gettext("holdout"), "hold") if one.arm == "holdout" else Tag(gettext("waiting")),
                since=one.entered_at,
                due_at=one.due_at,
                reason=gettext("on version %(n)s") % {"n": one.version},
            )
            for one in shown
        ),
        pager=pager(request, shown[-1].enrolment_id if len(people) > PAGE_SIZE else None, total=waiting),
    )
    return pages.render_step(request, page)


def _known(key: str, request: ShopRequest) -> _Known:
    """Return the flow of this key, launched or shipped.

    Raises:
        FlowNotFound: neither.
    """
    shipped = next((one for one in journeys.list_playbooks() if one.name == key), None)
    summary = next((one for one in journeys.list_flows(at=request.at) if one.key == key), None)
    if summary is None and shipped is not None:
        return _Known(None, None, shipped.flow, shipped.flow_yaml, newer=False)
    view = journeys.flow_of(FlowKey(key))
    newer = shipped is not None and journeys.content_hash(shipped.flow) != journeys.content_hash(view.flow)
    return _Known(view, summary, view.flow, view.source_yaml, newer=newer)


def _power(key: str) -> str:
    preview = measure.find_preview(key)
    if preview is None:
        return gettext("What can be proven is not known yet: it is worked out with the first refresh.")
    met = ngettext(
        "In %(days)s past days it would have met one person.",
        "In %(days)s past days it would have met %(n)s people.",
        preview.people,
    ) % {"days": (preview.to_at - preview.from_at).days, "n": formatting.number(preview.people)}
    return f"{met} {preview.sentence}"


def _launched(done: journeys.Published) -> str:
    words = gettext("Version %(version)s is live.") % {"version": done.version}
    if not done.enrolled_count:
        return words
    entered = ngettext("One person entered at once.", "%(n)s people entered at once.", done.enrolled_count)
    return f"{words} {entered % {'n': formatting.number(done.enrolled_count)}}"
