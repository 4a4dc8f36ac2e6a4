"""What can go wrong with flows."""

from collections.abc import Sequence
from dataclasses import dataclass

from kembali.kernel.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a flow: where (a path into the YAML, such as `steps[1].for`), what, and what to do."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.hint}".strip()


class BadFlow(Refused):
    """A flow cannot be used as it is written; `problems` names every place that must be mended."""

    code = "bad_flow"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class FlowNotFound(NotFound):
    """There is no flow with this key."""

    code = "flow_not_found"


class PlaybookNotFound(NotFound):
    """No playbook of this name is shipped."""

    code = "playbook_not_found"


class ReplayNotPossible(Refused):
    """The flow asks for something that past purchases alone cannot tell."""

    code = "replay_not_possible"
