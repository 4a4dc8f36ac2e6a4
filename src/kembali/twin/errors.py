"""What can go wrong with a simulated shop."""

from kembali.kernel.errors import NotFound, Refused


class PlanNotPossible(Refused):
    """The plan contradicts itself or leaves the range the generator is exact in."""

    code = "twin_plan_not_possible"


class UnknownTwinCustomer(NotFound):
    """No customer of the simulated shop has this reference."""

    code = "unknown_twin_customer"
