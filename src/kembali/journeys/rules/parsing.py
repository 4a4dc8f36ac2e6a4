"""Flows from YAML and back. What is wrong is said with its place in the file and what to do."""

import hashlib
import re

import msgspec

from kembali.journeys.contracts.flow import Flow
from kembali.journeys.errors import BadFlow, Problem
from kembali.journeys.rules.validation import problems_of

_AT_PATH = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]+)`)?$", re.DOTALL)
# What the decoder says (a pattern), what we say instead (None: its own words), and what to do about it.
_WORDING: tuple[tuple[str, str | None, str], ...] = (
    (r"minute\|hour", "It is not a length of time.", "Write a number and a unit, such as 48 h, 10 days or 2 weeks."),
    (r"\[a-z\]\[a-z0-9_\]", "It is not a key.", "Use lower-case letters, digits and underscores, a letter first."),
    (r"\[01\]\[0-9\]", "It is not a time of day.", 'Write it as "HH:MM" in quotes, such as "09:30".'),
    (r"unknown field", None, "Remove it or mend its spelling."),
    (r"missing required field", None, "Add it."),
)


def parse_flow(text: str) -> Flow:
    """Return the flow written in YAML.

    Raises:
        BadFlow: it is not YAML, a field is wrong, or the steps do not fit together; `problems` lists what.
    """
    try:
        flow = msgspec.yaml.decode(text.encode(), type=Flow)
    except msgspec.ValidationError as error:
        raise BadFlow([_problem(str(error))]) from error
    except msgspec.DecodeError as error:
        raise BadFlow([Problem("the file", f"it is not YAML: {error}", "Check indentation and colons.")]) from error
    if problems := problems_of(flow):
        raise BadFlow(problems)
    return flow


def flow_to_yaml(flow: Flow) -> str:
    """Return the flow as YAML; parsing it gives the same flow."""
    return msgspec.yaml.encode(flow).decode()


def content_hash(flow: Flow) -> str:
    """Return 32 hex characters that are equal for flows that say the same, however they are laid out."""
    return hashlib.sha256(msgspec.json.encode(flow, order="sorted")).hexdigest()[:32]


def _problem(message: str) -> Problem:
    found = _AT_PATH.match(message)
    what, path = (found["what"], found["path"]) if found else (message, None)
    where = (path or "").removeprefix("$").lstrip(".") or "the flow"
    for pattern, instead, hint in _WORDING:
        if re.search(pattern, what):
            return Problem(where, instead or _sentence(what), hint)
    return Problem(where, _sentence(what))


def _sentence(text: str) -> str:
    return text.strip().rstrip(".") + "."
