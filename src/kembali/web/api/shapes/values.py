"""The values of which all that programs send is made."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, JsonValue, StringConstraints

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_MOST_MINOR = 10**15


def _plausible(at: datetime) -> datetime:
    if not _EARLIEST <= at <= _LATEST:
        raise ValueError("is not between 1970 and 2200")
    return at.astimezone(UTC)


def text(longest: int, *, shortest: int = 0) -> Any:
    """Return the rule of a text: how long it may be, and nothing that a database cannot hold."""
    return StringConstraints(min_length=shortest, max_length=longest, pattern=r"^[^\x00]*$")


Instant = Annotated[AwareDatetime, AfterValidator(_plausible)]
Ref = Annotated[str, text(100, shortest=1)]
Text = Annotated[str, text(1000)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Minor = Annotated[int, Field(ge=-_MOST_MINOR, le=_MOST_MINOR)]
Properties = dict[str, JsonValue]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
