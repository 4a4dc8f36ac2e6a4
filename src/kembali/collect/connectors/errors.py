"""How asking a shop can fail."""

from kembali.kernel.errors import Denied, NotFound, Refused, Unavailable


class ShopRefuses(Denied):
    """The shop says no, and would again: somebody must change something.

    `status` is the HTTP status it says so with, `said` its own code for the reason, where it has one.
    """

    code = "shop_refuses"

    def __init__(self, message: str, *, status: int | None = None, said: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.said = said


class ShopBusy(Unavailable):
    """The shop is down or asks for patience. `wait_s`: how long, where it says so."""

    code = "shop_busy"

    def __init__(self, message: str, *, wait_s: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.wait_s = wait_s


class ShopAsksPatience(ShopBusy):
    """Nothing is wrong: the shop has been asked enough for now."""

    code = "shop_asks_patience"


class ShopAnswersNonsense(Unavailable):
    """Something answers at the shop's address, but not as its platform does."""

    code = "shop_answers_nonsense"


class UnknownPlatform(NotFound):
    """There is no connector for a platform of this name."""

    code = "unknown_platform"


class BadConnection(Refused):
    """What was entered to connect a shop cannot be used."""

    code = "bad_connection"
