"""What can go wrong when staff sign in."""

from kembali.kernel.errors import Denied, NotFound


class LinkNotUsable(Denied):
    """The sign-in link was used, is too old, or never existed. One message for all three."""

    code = "link_not_usable"


class StaffNotFound(NotFound):
    """No active member of staff has this e-mail address."""

    code = "staff_not_found"
