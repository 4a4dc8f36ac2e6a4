"""What can go wrong when groups are compared."""

from kembali.kernel.errors import NotFound


class NothingToMeasure(NotFound):
    """Nobody was ever enrolled in the flow, so there is no proof of it."""

    code = "nothing_to_measure"
