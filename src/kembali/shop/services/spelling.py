"""Names as they were received: the log keeps what a source wrote, identity its normal form."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kembali.collect.api import subject_of
from kembali.shop.rules import Identifier
from kembali.shop.services.identity import Known
from kembali.shop.services.locking import Cursor

_KEEP = """
INSERT INTO shop_spelling (subject, customer_id)
SELECT n->>0, (n->>1)::bigint FROM jsonb_array_elements(%s) AS n ON CONFLICT DO NOTHING
"""


def keep_spellings(
    cursor: Cursor,
    received: Iterable[Mapping[str, str]],
    per_fact: Iterable[Sequence[Identifier]],
    known: Known,
) -> None:
    """Remember under which names these facts lie in the log, where these are not in normal form."""
    odd: dict[str, int] = {}
    for identifiers, normal in zip(received, per_fact, strict=True):
        if not normal or normal[0] not in known:
            continue
        kind, value = normal[0]
        subject = subject_of(identifiers)
        # (Of another kind: its strongest name is a placeholder, which leads to nobody.)
        if subject is not None and subject != f"{kind}:{value}" and subject.startswith(f"{kind}:"):
            odd[subject] = known[normal[0]].customer_id
    if odd:
        cursor.execute(_KEEP, (msgspec.json.encode(list(odd.items())).decode(),))
