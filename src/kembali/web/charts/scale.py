"""Mapping numbers to drawing coordinates."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from the domain `low…high` to the drawing range `start…end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: Decimal | float) -> float:
        """Return the coordinate of `value`, one decimal. An empty domain maps to the middle."""
        width = self.high - self.low
        share = 0.5 if width == 0 else (float(value) - self.low) / width
        return round(self.start + share * (self.end - self.start), 1)


def ticks(low: float, high: float, about: int = 3) -> tuple[float, ...]:
    """Return round values inside `low…high`, about that many: steps of 1, 2, 2.5 or 5 times a power of ten."""
    if not high > low:
        return (low,)
    rough = (high - low) / about
    power = 10.0 ** _floor_log10(rough)
    step = next(unit * power for unit in (1, 2, 2.5, 5, 10) if unit * power >= rough * 0.999)
    first = -int(-low // step) if low % step else int(low // step)
    values = (round((first + index) * step, 10) for index in range(about * 3))
    return tuple(value for value in values if low <= value <= high)


def extent(values: Iterable[Decimal | None]) -> tuple[float, float]:
    """Return the least and greatest value, None left out; (0, 0) for nothing."""
    known = [float(value) for value in values if value is not None]
    return (min(known), max(known)) if known else (0.0, 0.0)


def _floor_log10(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])
