"""Every page rendered from samples, without rooms or a database; `python -m tests.web.gallery FOLDER` takes pictures.

Works under the product's settings or, where none are configured, under the few that rendering needs.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import timezone

from kembali.web.pages import (
    api_docs,
    connections,
    debugger,
    deciding,
    errors,
    health,
    home,
    importing,
    journeys,
    keys,
    mailbox,
    people,
    person,
    proof,
    rejected,
    segments,
    sign_in,
    site_tracking,
    webhooks,
)
from kembali.web.pages import settings as settings_pages
from kembali.web.shopper import pages as shopper
from tests.web.samples import data, front, inside, programs, shops, who, work
from tests.web.samples import deciding as deciding_samples
from tests.web.samples.common import AT

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request", "tests.web.gallery.shop"]},
    }
]


if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
    settings.configure(
        SECRET_KEY="gallery-only",
        ROOT_URLCONF="tests.web.gallery_urls",
        INSTALLED_APPS=["django.contrib.messages", "django.contrib.staticfiles", "kembali.web"],
        STATIC_URL="/static/",
        USE_TZ=True,
        TIME_ZONE="Europe/Berlin",
        TEMPLATES=TEMPLATES,
    )
    django.setup()


def shop(request: HttpRequest) -> dict[str, object]:
    """The context variables every page may use."""
    return {"shop_name": "Harbour Coffee", "is_demo": True, "demo_now": AT, "mail_simulated": True, "messages": ()}


PAGES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "home": lambda r: home.render(r, front.HOME),
    "home-early": lambda r: home.render(r, front.HOME_EARLY),
    "home-first-run": lambda r: home.render_first_run(r, front.FIRST_RUN),
    "people": lambda r: people.render(r, front.PEOPLE_PAGE),
    "people-no-match": lambda r: people.render(r, front.PEOPLE_NONE),
    "people-empty": lambda r: people.render(r, front.PEOPLE_EMPTY),
    "to-decide": lambda r: deciding.render_questions(r, deciding_samples.TO_DECIDE),
    "to-decide-empty": lambda r: deciding.render_questions(r, deciding_samples.TO_DECIDE_EMPTY),
    "merge": lambda r: deciding.render_merge(r, deciding_samples.MERGE),
    "merge-find": lambda r: deciding.render_merge(r, deciding_samples.MERGE_FIND),
    "merge-nobody": lambda r: deciding.render_merge(r, deciding_samples.MERGE_NOBODY),
    "take-out": lambda r: deciding.render_take_out(r, deciding_samples.TAKE_OUT),
    "person": lambda r: person.render(r, who.PERSON),
    "person-thin": lambda r: person.render(r, who.PERSON_THIN),
    "segments": lambda r: segments.render_list(r, who.SEGMENTS),
    "segments-empty": lambda r: segments.render_list(r, who.SEGMENTS_EMPTY),
    "segment": lambda r: segments.render_one(r, who.SEGMENT),
    "segment-empty": lambda r: segments.render_one(r, who.SEGMENT_EMPTY),
    "journeys": lambda r: journeys.render_list(r, work.JOURNEYS),
    "journeys-empty": lambda r: journeys.render_list(r, work.JOURNEYS_EMPTY),
    "journey": lambda r: journeys.render_one(r, work.JOURNEY),
    "journey-draft": lambda r: journeys.render_one(r, work.JOURNEY_DRAFT),
    "journey-step": lambda r: journeys.render_step(r, work.STEP),
    "proofs": lambda r: proof.render_list(r, work.PROOFS),
    "proofs-empty": lambda r: proof.render_list(r, work.PROOFS_EMPTY),
    "proof": lambda r: proof.render_one(r, work.PROOF),
    "proof-unsure": lambda r: proof.render_one(r, work.PROOF_UNSURE),
    "health": lambda r: health.render(r, data.HEALTH),
    "health-empty": lambda r: health.render(r, data.HEALTH_EMPTY),
    "mailbox": lambda r: mailbox.render_list(r, data.MAILBOX),
    "mailbox-empty": lambda r: mailbox.render_list(r, data.MAILBOX_EMPTY),
    "message": lambda r: mailbox.render_one(r, data.MESSAGE),
    "import": lambda r: importing.render_upload(r, data.UPLOAD),
    "import-error": lambda r: importing.render_upload(r, data.UPLOAD_ERROR),
    "import-dry-run": lambda r: importing.render_dry_run(r, data.DRY_RUN),
    "import-dry-run-consents": lambda r: importing.render_dry_run(r, data.DRY_RUN_CONSENTS),
    "import-dry-run-refused": lambda r: importing.render_dry_run(r, data.DRY_RUN_REFUSED),
    "import-running": lambda r: importing.render_progress(r, data.PROGRESS),
    "import-done": lambda r: importing.render_progress(r, data.PROGRESS_DONE),
    "import-failed": lambda r: importing.render_progress(r, data.PROGRESS_FAILED),
    "settings": lambda r: settings_pages.render(r, data.SETTINGS),
    "settings-empty": lambda r: settings_pages.render(r, data.SETTINGS_EMPTY),
    "connections": lambda r: connections.render_list(r, shops.CONNECTIONS),
    "connections-empty": lambda r: connections.render_list(r, shops.CONNECTIONS_EMPTY),
    "connection": lambda r: connections.render_one(r, shops.CONNECTION),
    "connection-reading": lambda r: connections.render_one(r, shops.CONNECTION_READING),
    "connection-troubled": lambda r: connections.render_one(r, shops.CONNECTION_TROUBLED),
    "connect": lambda r: connections.render_form(r, shops.CONNECT),
    "connect-checked": lambda r: connections.render_form(r, shops.CONNECT_CHECKED),
    "connect-woocommerce": lambda r: connections.render_form(r, shops.CONNECT_WOOCOMMERCE),
    "connect-error": lambda r: connections.render_form(r, shops.CONNECT_ERROR),
    "site-tracking": lambda r: site_tracking.render(r, inside.SITE_TRACKING),
    "site-tracking-empty": lambda r: site_tracking.render(r, inside.SITE_TRACKING_EMPTY),
    "debugger": lambda r: debugger.render_list(r, inside.DEBUGGER),
    "debugger-empty": lambda r: debugger.render_list(r, inside.DEBUGGER_EMPTY),
    "debugger-fact": lambda r: debugger.render_one(r, inside.FACT),
    "rejected": lambda r: rejected.render(r, inside.REJECTED),
    "rejected-empty": lambda r: rejected.render(r, inside.REJECTED_EMPTY),
    "keys": lambda r: keys.render(r, programs.KEYS),
    "keys-empty": lambda r: keys.render(r, programs.KEYS_EMPTY),
    "keys-new": lambda r: keys.render(r, programs.KEYS_NEW),
    "webhooks": lambda r: webhooks.render_list(r, programs.WEBHOOKS),
    "webhooks-empty": lambda r: webhooks.render_list(r, programs.WEBHOOKS_EMPTY),
    "webhook": lambda r: webhooks.render_one(r, programs.WEBHOOK),
    "webhook-new": lambda r: webhooks.render_one(r, programs.WEBHOOK_NEW),
    "webhook-delivery": lambda r: webhooks.render_delivery(r, programs.DELIVERY),
    "api-docs": lambda r: api_docs.render(r, programs.API_DOCS),
    "sign-in": lambda r: sign_in.render(r, front.SIGN_IN),
    "sign-in-expired": lambda r: sign_in.render_no_link(r, front.EXPIRED),
    "sign-in-missing": lambda r: sign_in.render_no_link(r, front.NO_LINK),
    "error": lambda r: errors.render(r, front.CONFLICT),
    "403": lambda r: HttpResponse(render_to_string("403.html", request=r), status=403),
    "404": lambda r: HttpResponse(render_to_string("404.html", request=r), status=404),
    "500": lambda r: HttpResponse(render_to_string("500.html"), status=500),
    "unsubscribe": lambda r: shopper.render_unsubscribe(r, front.UNSUBSCRIBE),
    "unsubscribed": lambda r: shopper.render_unsubscribe(r, front.UNSUBSCRIBED),
    "unsubscribe-bad-link": lambda r: shopper.render_unsubscribe(r, front.BAD_LINK),
    "experience": lambda r: shopper.render_experience(r, front.EXPERIENCE),
}


def response(slug: str, path: str = "/", *, theme: str = "") -> HttpResponse:
    """Return one page as the product would answer it."""
    request = RequestFactory().get(path)
    if theme:
        request.COOKIES["theme"] = theme
    with addresses():
        return PAGES[slug](request)


@contextmanager
def addresses() -> Iterator[None]:
    """Give templates the dashboard's addresses, whatever the product's own `urls.py` has so far."""
    with (
        override_settings(ROOT_URLCONF="tests.web.gallery_urls", TEMPLATES=TEMPLATES),
        timezone.override("Europe/Berlin"),
    ):
        yield


def main(folder: Path, wanted: list[str]) -> None:
    """Take the pictures: light and dark, 1280 and 320 px, and say what axe and the console complain about."""
    from tests.web.browser import Looker

    with Looker() as looker:
        for slug in wanted or PAGES:
            for theme in ("light", "dark"):
                for width in (1280, 320):
                    complaints = looker.look(
                        slug, theme=theme, width=width, picture=folder / f"{slug}-{theme}-{width}.png"
                    )
                    for complaint in complaints:
                        sys.stdout.write(f"{slug} {theme} {width} {complaint}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
