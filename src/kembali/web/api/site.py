"""The API as a whole: its routers, its description, and how it answers what is not there."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from kembali.web.api import customers, facts, orders, products, webhooks
from kembali.web.api.problems import answer_with_problems


class _Api(NinjaAPI):
    """Describes problems under the media type they have, and names calls as generated clients should."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return a call's name."""
        return operation.view_func.__name__

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the OpenAPI description."""
        found = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for path in found["paths"].values():
            for call in path.values():
                for status, answer in call["responses"].items():
                    if int(status) >= 400:
                        answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
        return found


api = _Api(
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
