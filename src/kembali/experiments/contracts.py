"""The values that leave `experiments`."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from kembali.kernel.ids import CustomerId

Arm = Literal["treated", "holdout"]
Percent = int | float | Decimal

GLOBAL_EXPERIMENT = "global"
"""The one experiment read only globally: its holdout gets no marketing at all."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One stored assignment. `customer_id` is the id at the time; merges do not rewrite it."""

    customer_id: CustomerId
    arm: Arm
    exposed_at: datetime


@dataclass(frozen=True, slots=True)
class GlobalHoldout:
    """The shop-wide holdout; 0 percent means there is none."""

    holdout_percent: Decimal
    salt: str
