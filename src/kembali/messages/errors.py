"""What can go wrong between a request and a mail."""

from kembali.kernel.errors import NotFound, Refused, Unavailable


class BadRequest(Refused):
    """A send request cannot be stored as it is; the message says why."""

    code = "bad_send_request"


class BadTemplate(Refused):
    """A template is missing, broken, or went beyond its limits; the message names it."""

    code = "bad_template"


class BadTransport(Refused):
    """The address of the mail server cannot be understood."""

    code = "bad_transport"


class BadPolicy(Refused):
    """A sending policy that could never let a message through."""

    code = "bad_policy"


class TransportUnavailable(Unavailable):
    """No mail can be handed over right now; nothing was."""

    code = "transport_unavailable"


class MessageNotFound(NotFound):
    """There is no such request or mail."""

    code = "message_not_found"
