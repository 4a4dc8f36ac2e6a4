"""A flow as data: what is written in YAML, kept with each version, and never changed once people are on it."""

from typing import Annotated, Literal

import msgspec

Key = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A name for machines: lower-case letters, digits and underscores."""
Length = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)? (minute|hour|h|day|week)s?$")]
"""A span of time as people write it: `48 h`, `10 days`, `2 weeks`. See `rules.lengths`."""
TimeOfDay = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A wall-clock time in the shop's zone: `09:30`."""
Percent = Annotated[int, msgspec.Meta(ge=0, le=90)]
Channel = Literal["email"]
Purpose = Literal["marketing", "service"]
Outcome = Literal["sent", "delivered", "opened", "clicked", "withheld", "failed", "unknown"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Strict: a misspelt field is an error, not a silent default."""


class Ordered(_Part, frozen=True, kw_only=True, tag_field="is", tag="ordered"):
    """They have bought since they entered."""


class InSegment(_Part, frozen=True, kw_only=True, tag_field="is", tag="in_segment"):
    """They are in a segment at that moment."""

    segment: Key


class TraitIs(_Part, frozen=True, kw_only=True, tag_field="is", tag="trait"):
    """A number insight knows of them lies within bounds, both included. Unknown never lies within."""

    trait: Key
    at_least: float | None = None
    at_most: float | None = None


class MessageWas(_Part, frozen=True, kw_only=True, tag_field="is", tag="message"):
    """The message of an earlier `send` step had this outcome. In the holdout there never is one."""

    step: Key
    outcome: Outcome


class AllOf(_Part, frozen=True, kw_only=True, tag_field="is", tag="all"):
    """Every one of these holds."""

    of: "tuple[Condition, ...]"


class AnyOf(_Part, frozen=True, kw_only=True, tag_field="is", tag="any"):
    """At least one of these holds."""

    of: "tuple[Condition, ...]"


class Not(_Part, frozen=True, kw_only=True, tag_field="is", tag="not"):
    """The one inside does not hold."""

    that: "Condition"


Condition = Ordered | InSegment | TraitIs | MessageWas | AllOf | AnyOf | Not


class Entered(_Part, frozen=True, kw_only=True, tag_field="event", tag="segment_entered"):
    """A person enters a segment."""

    segment: Key
    window: Length = "48 h"


class Happened(_Part, frozen=True, kw_only=True, tag_field="event", tag="fact"):
    """A fact about a person is recorded. `order.version` means a paid order."""

    kind: Literal["order.version", "consent.given", "customer.profile"]
    window: Length = "48 h"


Trigger = Entered | Happened


class Goal(_Part, frozen=True, kw_only=True):
    """What counts as success: an order after entering, within this time, whether the flow still runs or not."""

    ordered_within: Length


class Holdout(_Part, frozen=True, kw_only=True):
    """The share that walks the same flow without effect. The salt decides who; it is the flow's for good."""

    percent: Percent
    salt: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class Wait(_Part, frozen=True, kw_only=True, tag_field="do", tag="wait"):
    """Nothing happens for a while, counted from when the step before was done, and then until a time of day."""

    key: Key
    length: Length = msgspec.field(default="0 days", name="for")
    until: TimeOfDay | None = None


class Send(_Part, frozen=True, kw_only=True, tag_field="do", tag="send"):
    """Ask for a message. Whether it may go is decided later, at its gate; the flow does not wait for it."""

    key: Key
    template: Key
    channels: tuple[Channel, ...] = ("email",)
    purpose: Purpose = "marketing"
    expires: Length = "3 days"


class Exit(_Part, frozen=True, kw_only=True, tag_field="do", tag="exit"):
    """The flow ends here for this person."""

    key: Key
    reason: str = "left at this step"


class Lane(_Part, frozen=True, kw_only=True):
    """One way out of a branch. `then` says where its end leads: on after the branch, or out of the flow."""

    then: Literal["join", "exit"]
    when: Condition | None = None
    steps: "tuple[Step, ...]" = ()


class Branch(_Part, frozen=True, kw_only=True, tag_field="do", tag="branch"):
    """Each person takes the first lane whose condition holds; the last lane has none and takes the rest."""

    key: Key
    lanes: tuple[Lane, ...]


Step = Wait | Send | Branch | Exit


class Flow(_Part, frozen=True, kw_only=True):
    """A whole flow. Editing it makes a new version; whoever is inside stays on theirs."""

    key: Key
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    purpose: str = ""
    trigger: Trigger
    filters: tuple[Condition, ...] = ()
    again_after: Length
    goal: Goal
    exits: tuple[Literal["ordered"], ...] = ("ordered",)
    holdout: Holdout
    steps: tuple[Step, ...]
