"""What can go wrong with permissions."""

from kembali.kernel.errors import NotFound, Refused


class TokenNotValid(NotFound):
    """An unsubscribe link that we did not make, or that was cut. One message for all causes."""

    code = "token_not_valid"


class BadPermission(Refused):
    """A channel or purpose that kembali does not know."""

    code = "bad_permission"
