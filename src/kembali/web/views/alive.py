"""Whether this web process and its database answer: for supervisors and load balancers."""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse


def alive(_request: HttpRequest) -> JsonResponse:
    """Return 200 when the database answers, 503 when not; says nothing else about either."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"web": "ok", "database": "unavailable"}, status=503)
    return JsonResponse({"web": "ok", "database": "ok"})
