"""What can go wrong when people and programs are let in."""

from kembali.kernel.errors import Conflict, Denied, NotFound, Refused


class LinkNotUsable(Denied):
    """The sign-in link was used, is too old, or never existed. One message for all three."""

    code = "link_not_usable"


class StaffNotFound(NotFound):
    """No active member of staff has this e-mail address."""

    code = "staff_not_found"


class KeyNotFound(NotFound):
    """There is no key with this number."""

    code = "key_not_found"


class KeyNotUsable(Denied):
    """A token opens nothing: never made, withdrawn, expired or public. One message for all four."""

    code = "key_not_usable"


class ScopeMissing(Denied):
    """A key may not do this."""

    code = "scope_missing"


class BadScope(Refused):
    """A key cannot have these scopes."""

    code = "bad_scope"


class BadSource(Refused):
    """A source's name cannot be used."""

    code = "bad_source"


class IdempotencyConflict(Conflict):
    """An idempotency key was used before for something else."""

    code = "idempotency_conflict"
