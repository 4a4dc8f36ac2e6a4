"""The dashboard's addresses, in one table: name, path and the methods it answers. `urls.py` gives each its view."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """One address: reversed as `web:<name>`. Whoever is not signed in reaches it only where `public` says so.

    needs_shop: False where the page must answer although the database does not.
    """

    name: str
    path: str
    methods: tuple[str, ...] = ("GET",)
    public: bool = False
    needs_shop: bool = True


ROUTES = (
    Route("home", ""),
    Route("people", "people/"),
    Route("to-decide", "people/to-decide/", ("GET", "POST")),
    Route("person", "people/<int:customer_id>/"),
    Route("person-merge", "people/<int:customer_id>/merge/", ("GET", "POST")),
    Route("person-take-out", "people/<int:customer_id>/take-out/", ("GET", "POST")),
    Route("segments", "segments/"),
    Route("segment", "segments/<slug:key>/"),
    Route("journeys", "journeys/"),
    Route("journey", "journeys/<slug:key>/"),
    Route("journey-publish", "journeys/<slug:key>/publish/", ("POST",)),
    Route("journey-pause", "journeys/<slug:key>/pause/", ("POST",)),
    Route("journey-step", "journeys/<slug:key>/steps/<slug:step>/"),
    Route("proofs", "proof/"),
    Route("proof", "proof/<slug:key>/"),
    Route("health", "health/"),
    Route("doubles", "health/doubles/", ("POST",)),
    Route("demands", "health/demands/", ("POST",)),
    Route("import", "import/", ("GET", "POST")),
    Route("import-confirm", "import/confirm/", ("POST",)),
    Route("import-plan", "import/<slug:token>/"),
    Route("import-mapping", "import/<slug:token>/mapping/", ("POST",)),
    Route("import-rejects", "import/rejects/<int:import_id>.csv"),
    Route("import-replay", "import/<int:import_id>/replay/", ("POST",)),
    Route("import-progress", "import/<slug:token>/progress/"),
    Route("settings", "settings/"),
    Route("connections", "settings/connections/"),
    Route("connect", "settings/connect/<slug:platform>/", ("GET", "POST")),
    Route("connection", "settings/connections/<slug:name>/"),
    Route("connection-act", "settings/connections/<slug:name>/act/", ("POST",)),
    Route("site-tracking", "settings/site-tracking/", ("GET", "POST")),
    Route("debugger", "settings/debugger/"),
    Route("rejected", "settings/rejected/", ("GET", "POST")),
    Route("debugger-fact", "settings/debugger/facts/<int:seq>/"),
    Route("keys", "settings/keys/", ("GET", "POST")),
    Route("webhooks", "settings/webhooks/", ("GET", "POST")),
    Route("webhook", "settings/webhooks/<int:endpoint_id>/", ("GET", "POST")),
    Route("webhook-delivery", "settings/webhooks/deliveries/<int:delivery_id>/", ("GET", "POST")),
    Route("api-docs", "settings/api/"),
    Route("mailbox", "mailbox/"),
    Route("message", "mailbox/<int:message_id>/"),
    Route("message-body", "mailbox/<int:message_id>/body/"),
    Route("sign-in", "sign-in/", public=True),
    Route("sign-in-link", "sign-in/<str:token>/", ("GET", "POST"), public=True),
    Route("sign-out", "sign-out/", ("POST",)),
    Route("unsubscribe", "u/<str:token>/", ("GET", "POST"), public=True),
    Route("experience", "e/<str:token>/", ("GET", "POST"), public=True),
    Route("alive", "health", public=True, needs_shop=False),
)
