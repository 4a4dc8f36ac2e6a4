"""The API as a whole: its routers, its description, and how it answers what is not there."""

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Router

from kembali.web.api import customers, facts, orders, products, webhooks
from kembali.web.api.problems import answer_with_problems

api = NinjaAPI(
    title="kembali",
    version="1",
    description="Customers, orders, products and facts of one shop. Amounts are integers in minor units.",
    urls_namespace="api",
    docs_url=None,
)
api.add_router("/customers", customers.router)
api.add_router("/orders", orders.router)
api.add_router("/products", products.router)
api.add_router("/facts", facts.router)
api.add_router("/webhooks", webhooks.router)

elsewhere = Router()


@elsewhere.api_operation(["GET", "POST", "PUT", "PATCH", "DELETE"], "/{path:rest}", include_in_schema=False)
def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer as a problem where there is no route."""
    raise Http404


api.add_router("", elsewhere)  # the last: it takes whatever no other route took
answer_with_problems(api)
