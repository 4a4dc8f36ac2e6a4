"""What a row proves about one permission. A yes without proof stays hearsay; a date alone is no proof. Pure."""

from datetime import datetime
from typing import Final, Literal, NamedTuple

from kembali.collect.files.kinds.base import Row
from kembali.collect.files.words import NO, YES, Unusable, Words
from kembali.collect.payloads import ConsentBasis, ConsentSaid, ConsentState

Channel = Literal["email", "sms", "whatsapp", "web_push", "app_push"]

_STATES: Final[dict[str, ConsentState]] = {
    **dict.fromkeys(YES, "given"),
    **dict.fromkeys(("given", "active", "confirmed", "consented", "granted"), "given"),
    **dict.fromkeys(NO, "not_given"),
    **dict.fromkeys(
        ("not_given", "never subscribed", "never_subscribed", "not subscribed", "not_subscribed", "non-subscribed"),
        "not_given",
    ),
    **dict.fromkeys(("cleaned", "bounced", "invalid", "none", "denied"), "not_given"),
    **dict.fromkeys(
        ("unsubscribed", "withdrawn", "opted out", "opted_out", "opt-out", "abgemeldet", "complained", "suppressed"),
        "withdrawn",
    ),
    **dict.fromkeys(("pending", "unconfirmed", "waiting", "not confirmed"), "pending"),
}
_PROVING = ("consented_at", "consent_source", "consent_ip", "consent_wording", "double_opt_in", "confirmed_at")
_KEPT = (*_PROVING, "confirmed_ip", "withdrawn_at", "basis")


class Statement(NamedTuple):
    """A statement and when it was made, None where the file does not say."""

    said: ConsentSaid
    at: datetime | None

    def on(self, otherwise: datetime) -> tuple[ConsentSaid, datetime]:
        """Return the statement with its instant, or with another where it has none of its own."""
        return self.said, self.at or otherwise


def statement_of(row: Row, words: Words, channel: Channel, *, answer: str | None) -> Statement | None:
    """Return what a row states about a channel; None where it says nothing, or no more than a plain yes or no.

    Args:
        answer: what a plain yes-or-no column says.

    Raises:
        Unusable: a word, a date or a purpose is none we know.
    """
    stated = row.text("consent")
    consented_at, confirmed_at = words.instant(row.text("consented_at")), words.instant(row.text("confirmed_at"))
    withdrawn_at = words.instant(row.text("withdrawn_at"))
    has_proof = any(row.text(name) for name in (*_PROVING, "withdrawn_at"))
    if stated is None and not has_proof:
        return None
    state = _state(stated or answer, words, agreed=bool(consented_at or confirmed_at), withdrawn=bool(withdrawn_at))
    if state is None:
        return None
    doubly = _doubly(row, words, confirmed_at)
    if state == "given" and doubly is False:
        state = "pending"
    at = withdrawn_at if state == "withdrawn" else confirmed_at or consented_at
    said = ConsentSaid(
        channel=channel,
        state=state,
        basis=_basis(row, words, state, consented_at=consented_at, doubly=bool(doubly)),
        purpose=_purpose(row),
        wording=row.text("consent_wording"),
        language=row.text("language"),
        evidence={name: value for name in _KEPT if (value := row.text(name))} | {"said": stated or answer or "date"},
        from_file=True,
    )
    return Statement(said, at)


def _state(said: str | None, words: Words, *, agreed: bool, withdrawn: bool) -> ConsentState | None:
    """Return what holds by the row: a withdrawal before anything else."""
    if withdrawn:
        return "withdrawn"
    if said is None:
        return "given" if agreed else None
    word = said.casefold()
    state = _STATES.get(words.words.get(word, word))
    if state is None:
        raise Unusable("bad_consent", said)
    return state


def _doubly(row: Row, words: Words, confirmed_at: datetime | None) -> bool | None:
    """Return whether they confirmed by mail; None where the file has no word on it."""
    said = row.word("double_opt_in")
    if confirmed_at is not None:
        return True
    if said in {"pending", "unconfirmed", "sent", "waiting"}:
        return False
    return words.yes_or_no(said)


def _basis(row: Row, words: Words, state: ConsentState, *, consented_at: datetime | None, doubly: bool) -> ConsentBasis:
    """Return what is proven: an act needs its instant and where or how it was done."""
    if state not in {"given", "pending"}:
        return "imported"
    named = row.word("basis")
    if named and words.words.get(named, named) in {
        "existing_customer",
        "existing customer",
        "soft opt-in",
        "soft_opt_in",
    }:
        return "existing_customer"
    has_place = any(row.text(name) for name in ("consent_source", "consent_ip", "consent_wording", "confirmed_ip"))
    if doubly and (row.text("confirmed_at") or (consented_at and has_place)):
        return "double_opt_in"
    return "opt_in" if consented_at and has_place else "imported"


def _purpose(row: Row) -> Literal["marketing", "service"]:
    said = row.word("purpose") or "marketing"
    if said in {"marketing", "newsletter", "werbung"}:
        return "marketing"
    if said in {"service", "transactional"}:
        return "service"
    raise Unusable("bad_purpose", said)
