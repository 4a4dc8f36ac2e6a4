"""Which statement holds: later wins, deny wins a tie, and a file never undoes a withdrawal."""

from collections.abc import Iterable

from kembali.consent.contracts import NewConsent, Permission, Purpose, Standing, State, SuppressionReason

_STRICTNESS: dict[State, int] = {"given": 0, "pending": 1, "not_given": 2, "withdrawn": 3}
# Nothing here is the person's own act: it may say what was, never overrule what they said.
_HEARSAY = ("imported", "existing_customer")
# An unsubscription ends marketing; the others say that the address must not be written to at all.
_ONLY_MARKETING = ("unsubscribe",)


def next_standing(current: Standing | None, new: NewConsent) -> Standing | None:
    """Return what holds after `new`, or None when it changes nothing at all."""
    if current is None:
        return Standing(new.state, new.basis, new.occurred_at, new.occurred_at)
    if new.state == current.state:
        return _confirmed(current, new)
    if _is_too_weak(current, new):
        return None
    if new.state == "withdrawn" and current.basis in _HEARSAY:
        return Standing(new.state, new.basis, new.occurred_at, max(new.occurred_at, current.confirmed_at))
    denies = _STRICTNESS[new.state] > _STRICTNESS[current.state]
    if new.occurred_at > current.confirmed_at or (denies and new.occurred_at == current.confirmed_at):
        return Standing(new.state, new.basis, new.occurred_at, new.occurred_at)
    return None


def _is_too_weak(current: Standing, new: NewConsent) -> bool:
    """Return whether `new` has no power over what holds, whenever it was said."""
    if current.state == "withdrawn":
        # Only a confirmed yes of the person's own ends a withdrawal.
        return new.state in {"not_given", "pending"} or new.basis in _HEARSAY or new.from_file
    if current.state == "pending":
        return new.state == "given" and new.basis in _HEARSAY  # hearsay confirms nothing
    return new.state == "pending" and current.state == "given"  # a yes holds on


def _confirmed(current: Standing, new: NewConsent) -> Standing | None:
    """The same state again: the evidence is younger, and an opt-in is worth more than hearsay."""
    if new.occurred_at <= current.confirmed_at:
        return None
    stronger = current.basis in _HEARSAY and new.basis not in _HEARSAY
    return Standing(current.state, new.basis if stronger else current.basis, current.since, new.occurred_at)


def strictest(standings: Iterable[Standing]) -> Standing | None:
    """Return what holds for a person with several ids: the strictest; of equals, the latest."""
    return max(standings, key=lambda each: (_STRICTNESS[each.state], each.confirmed_at), default=None)


def permission_for(
    purpose: Purpose, standing: Standing | None, suppressions: Iterable[SuppressionReason]
) -> Permission:
    """Return the permission for one purpose. Marketing needs a yes; service mails need only that nobody said stop."""
    blocking = sorted(reason for reason in suppressions if purpose == "marketing" or reason not in _ONLY_MARKETING)
    suppressed_by = blocking[0] if blocking else None
    if purpose == "marketing":
        consented = standing is not None and standing.state == "given"
    else:
        consented = standing is None or standing.state != "withdrawn"
    if suppressed_by is not None:
        reason = f"suppressed: {suppressed_by}"
    elif standing is None:
        reason = "never asked" if purpose == "marketing" else "service needs none"
    else:
        reason = standing.state.replace("_", " ")
    return Permission(
        allowed=consented and suppressed_by is None,
        basis=None if standing is None else standing.basis,
        reason=reason,
        consented=consented,
        suppressed_by=suppressed_by,
        since=None if standing is None else standing.since,
    )
