"""The flows that ship, one folder each.

A folder is named by its flow's key and holds `flow.yaml`, `howto.md` and `templates/<name>/`, each with
`subject.liquid`, `body.mjml` and `body.txt`.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kembali.journeys.contracts.flow import Branch, Flow, Send, Step
from kembali.journeys.errors import PlaybookNotFound
from kembali.journeys.rules.parsing import parse_flow


@dataclass(frozen=True, slots=True)
class Playbook:
    """A shipped flow with everything it needs.

    howto: Markdown. templates: the names its sends use. templates_dir: one folder per template, for `messages`.
    """

    name: str
    flow: Flow
    flow_yaml: str
    howto: str
    templates: tuple[str, ...]
    templates_dir: Path


@cache
def list_playbooks() -> tuple[Playbook, ...]:
    """Every shipped flow, by name."""
    return tuple(_read(path.parent) for path in sorted(Path(__file__).parent.glob("*/flow.yaml")))


def playbook_of(name: str) -> Playbook:
    """Return one shipped flow.

    Raises:
        PlaybookNotFound: none of this name is shipped.
    """
    for playbook in list_playbooks():
        if playbook.name == name:
            return playbook
    shipped = ", ".join(playbook.name for playbook in list_playbooks())
    raise PlaybookNotFound(f"There is no playbook “{name}”.", hint=f"Shipped are: {shipped}.")


def templates_named_in(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Return the templates these steps send, in order."""
    named: list[str] = []
    for step in steps:
        if isinstance(step, Send):
            named.append(step.template)
        elif isinstance(step, Branch):
            for lane in step.lanes:
                named.extend(templates_named_in(lane.steps))
    return tuple(dict.fromkeys(named))


def _read(folder: Path) -> Playbook:
    flow_yaml = (folder / "flow.yaml").read_text(encoding="utf-8")
    flow = parse_flow(flow_yaml)
    return Playbook(
        name=folder.name,
        flow=flow,
        flow_yaml=flow_yaml,
        howto=(folder / "howto.md").read_text(encoding="utf-8"),
        templates=templates_named_in(flow.steps),
        templates_dir=folder / "templates",
    )
