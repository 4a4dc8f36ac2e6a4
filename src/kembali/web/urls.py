"""Every address of the table with its view, held to the table's methods."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_http_methods

from kembali.web.routes import ROUTES, Route
from kembali.web.shopper.experience import experience
from kembali.web.shopper.unsubscribe import unsubscribe
from kembali.web.views import (
    alive,
    api_docs,
    connecting,
    connections,
    debugger,
    deciding,
    health,
    home,
    importing,
    journey,
    journeys,
    keys,
    mailbox,
    people,
    person,
    proof,
    rejected,
    rejected_lines,
    segment,
    segments,
    settings,
    sign_in,
    site_tracking,
    webhooks,
)

app_name = "web"

View = Callable[..., HttpResponseBase]

VIEWS: dict[str, View] = {
    "home": home.home,
    "people": people.people,
    "to-decide": deciding.to_decide,
    "person": person.person,
    "person-merge": deciding.merge,
    "person-take-out": deciding.take_out,
    "segments": segments.segments_list,
    "segment": segment.segment,
    "journeys": journeys.journeys_list,
    "journey": journey.journey,
    "journey-publish": journey.publish,
    "journey-pause": journey.pause,
    "journey-step": journey.step,
    "proofs": proof.proofs,
    "proof": proof.proof,
    "health": health.health,
    "doubles": health.doubles,
    "demands": health.demands,
    "import": importing.upload,
    "import-confirm": importing.confirm,
    "import-plan": importing.plan,
    "import-mapping": importing.change_mapping,
    "import-rejects": rejected_lines.download,
    "import-replay": rejected_lines.replay,
    "import-progress": importing.progress,
    "settings": settings.settings,
    "connections": connections.connections,
    "connect": connecting.connect,
    "connection": connections.connection,
    "connection-act": connections.act,
    "site-tracking": site_tracking.site_tracking,
    "debugger": debugger.debugger,
    "rejected": rejected.rejected,
    "debugger-fact": debugger.fact,
    "keys": keys.keys,
    "webhooks": webhooks.webhooks,
    "webhook": webhooks.webhook,
    "webhook-delivery": webhooks.delivery,
    "api-docs": api_docs.api_docs,
    "mailbox": mailbox.mailbox,
    "message": mailbox.message,
    "message-body": mailbox.body,
    "sign-in": sign_in.without_link,
    "sign-in-link": sign_in.with_link,
    "sign-out": sign_in.sign_out,
    "unsubscribe": unsubscribe,
    "experience": experience,
    "alive": alive.alive,
}


def _held_to(route: Route) -> View:
    methods = [*route.methods, "HEAD"] if "GET" in route.methods else [*route.methods]
    held: View = require_http_methods(methods)(VIEWS[route.name])
    return held


urlpatterns = [path(route.path, _held_to(route), name=route.name) for route in ROUTES]
