"""What can go wrong on the way into the facts log."""

from kembali.kernel.errors import Conflict, NotFound, Refused


class BadFact(Refused):
    """A fact cannot be stored as it is; the message says which field."""

    code = "bad_fact"


class ImportNotFound(NotFound):
    """There is no import with this number."""

    code = "import_not_found"


class FactNotFound(NotFound):
    """There is no fact with this number."""

    code = "fact_not_found"


class DemandNotFound(NotFound):
    """There is no demand for an answer with this number."""

    code = "demand_not_found"


class MappingNotFound(NotFound):
    """There is no mapping saved under this name."""

    code = "mapping_not_found"


class ShopNotSetUp(Conflict):
    """Currency and time zone must be known before the first fact."""

    code = "shop_not_set_up"


class BadTrackingRequest(Refused):
    """A tracking request as a whole cannot be read; a single wrong event is kept with its reason instead."""

    code = "bad_tracking_request"


class ConnectionNotFound(NotFound):
    """There is no connection with this name."""

    code = "connection_not_found"


class ConnectionExists(Conflict):
    """There is a connection with this name already."""

    code = "connection_exists"


class BadPosition(Refused):
    """A text is not a position in the log."""

    code = "bad_position"
