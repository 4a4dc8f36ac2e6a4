"""Flows ready to be used: live ones with their trigger, versions laid out flat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from kembali.infra.database import raw_cursor
from kembali.journeys.contracts.flow import Flow
from kembali.journeys.rules.parsing import parse_flow
from kembali.journeys.rules.program import Program, compile_flow


@dataclass(frozen=True, slots=True)
class LiveFlow:
    """A flow people may enter, on its present version."""

    flow_id: int
    version_id: int
    version: int
    live_since: datetime
    source_yaml: str
    flow: Flow


@dataclass(frozen=True, slots=True)
class VersionProgram:
    """A version people are on, ready to be walked."""

    version_id: int
    flow_id: int
    flow_key: str
    version: int
    program: Program


_LIVE = """
SELECT f.id, v.id, v.number, f.live_since, v.source_yaml
FROM journeys_flow f JOIN journeys_flowversion v ON v.flow_id = f.id AND v.number = f.version_number
WHERE f.state = 'live' ORDER BY f.id
"""
_VERSIONS = """
SELECT v.id, f.id, f.key, v.number, v.source_yaml
FROM journeys_flowversion v JOIN journeys_flow f ON f.id = v.flow_id
WHERE v.id = ANY(%s)
"""


def live_flows() -> list[LiveFlow]:
    """Every flow people may enter now."""
    with raw_cursor() as cursor:
        cursor.execute(_LIVE)
        return [
            LiveFlow(flow_id, version_id, version, live_since, source_yaml, flow_from(source_yaml))
            for flow_id, version_id, version, live_since, source_yaml in cursor.fetchall()
        ]


def programs_of(version_ids: Sequence[int]) -> dict[int, VersionProgram]:
    """The versions asked for, by id."""
    with raw_cursor() as cursor:
        cursor.execute(_VERSIONS, (sorted(set(version_ids)),))
        return {
            version_id: VersionProgram(version_id, flow_id, flow_key, version, program_from(source_yaml))
            for version_id, flow_id, flow_key, version, source_yaml in cursor.fetchall()
        }


@lru_cache(maxsize=256)
def flow_from(source_yaml: str) -> Flow:
    """Return a stored version's flow. Its text never changes, so neither does the answer."""
    return parse_flow(source_yaml)


@lru_cache(maxsize=256)
def program_from(source_yaml: str) -> Program:
    """Return a stored version's flow laid out flat."""
    return compile_flow(flow_from(source_yaml))
