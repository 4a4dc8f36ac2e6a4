"""What Segment's and RudderStack's browser SDKs ask for before they send anything. Pure."""

from typing import Any


def segment_settings(key: str, *, host: str, protocol: str) -> dict[str, Any]:
    """Return the settings of a source whose only destination is this server.

    Without a rate for its metrics the SDK would report them to its vendor.

    Args:
        host: with its port, as the browser reaches it.
        protocol: `http` or `https`.
    """
    return {
        "integrations": {"Segment.io": {"apiKey": key, "apiHost": f"{host}/v1", "protocol": protocol}},
        "plan": {"track": {"__default": {"enabled": True}}, "identify": {"__default": {"enabled": True}}},
        "metrics": {"sampleRate": 0},
        "remotePlugins": [],
    }


def rudderstack_source(key: str, *, name: str) -> dict[str, Any]:
    """Return the configuration of a source without destinations, and without reports to its vendor."""
    nothing_reported = {"errors": {"enabled": False}, "metrics": {"enabled": False}}
    return {
        "source": {
            "id": name,
            "name": name,
            "writeKey": key,
            "enabled": True,
            "config": {"statsCollection": nothing_reported},
            "destinations": [],
            "dataplanes": {},
        }
    }
