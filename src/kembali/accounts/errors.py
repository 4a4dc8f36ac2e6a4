"""What can go wrong when people and programs are let in."""

from kembali.kernel.errors import Denied, NotFound, Refused


class LinkNotUsable(Denied):
    """The sign-in link was used, is too old, or never existed. One message for all three."""

    code = "link_not_usable"


class StaffNotFound(NotFound):
    """No active member of staff has this e-mail address."""

    code = "staff_not_found"


class KeyNotFound(NotFound):
    """There is no key with this number."""

    code = "key_not_found"


class BadSource(Refused):
    """A source's name cannot be used."""

    code = "bad_source"
