"""The list of journeys: the launched ones and those that ship, ready to launch."""

from django.http import HttpResponse
from django.utils.translation import gettext

from kembali.journeys import api as journeys
from kembali.measure import api as measure
from kembali.web.pages import journeys as pages
from kembali.web.pages.parts import Tag
from kembali.web.requests import ShopRequest
from kembali.web.results import result_tag

DAYS = 30


def journeys_list(request: ShopRequest) -> HttpResponse:
    """Show every journey, launched or not."""
    launched = journeys.list_flows(at=request.at)
    found = {proof.flow_key: proof for proof in measure.list_proofs()}
    rows = [
        pages.JourneyRow(
            key=flow.key,
            title=flow.name,
            purpose=flow.purpose,
            status=flow.state,
            inside_count=flow.inside_count,
            entered_count=flow.entered_count,
            came_back_count=flow.goal_count,
            result=result_tag(found.get(flow.key)),
        )
        for flow in launched
    ]
    known = {flow.key for flow in launched}
    rows += [
        pages.JourneyRow(one.name, one.flow.name, one.flow.purpose, "draft", 0, 0, 0, Tag(gettext("ready to launch")))
        for one in journeys.list_playbooks()
        if one.name not in known
    ]
    return pages.render_list(request, pages.JourneysPage(request.at, DAYS, tuple(rows)))
