"""What can go wrong when facts go on to other programs."""

from kembali.kernel.errors import Conflict, NotFound, Refused


class EndpointNotFound(NotFound):
    """There is no endpoint with this number."""

    code = "endpoint_not_found"


class DeliveryNotFound(NotFound):
    """There is no delivery with this number, or no longer."""

    code = "delivery_not_found"


class BadEndpoint(Refused):
    """An endpoint cannot be made like this."""

    code = "bad_endpoint"


class TooManyEndpoints(Conflict):
    """There are as many endpoints as there may be."""

    code = "too_many_endpoints"
