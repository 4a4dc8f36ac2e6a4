"""What can go wrong when people are assigned."""

from kembali.kernel.errors import Refused


class BadHoldout(Refused):
    """A holdout share is not between 0 and 100 percent."""

    code = "bad_holdout"
