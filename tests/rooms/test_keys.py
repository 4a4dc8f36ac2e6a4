"""What keys may: scopes, replacement with overlap, and what the edge knows of them."""

from datetime import UTC, datetime, timedelta

import pytest

from kembali.accounts import api as accounts
from kembali.accounts import door
from kembali.infra.database import raw_cursor

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_a_key_may_what_its_scopes_name_and_a_public_one_only_track() -> None:
    token = accounts.create_key("erp", is_public=False, at=AT, scopes=["write:orders", "read:orders", "read:orders"])
    found = accounts.recognise(token, at=AT)
    assert found.source == "erp"
    assert found.scopes == {"read:orders", "write:orders"}
    assert accounts.list_keys()[0].scopes == ("read:orders", "write:orders")
    for scopes, is_public in ((["read:everything"], False), ([], False), (["track", "read:orders"], True)):
        with pytest.raises(accounts.BadScope):
            accounts.create_key("erp", is_public=is_public, at=AT, scopes=scopes)
    assert len(accounts.list_keys()) == 1


def test_a_token_that_opens_nothing_says_always_the_same() -> None:
    public = accounts.create_key("site", is_public=True, at=AT)
    revoked = accounts.create_key("old", is_public=False, at=AT)
    accounts.revoke_key(accounts.list_keys()[1].id, at=AT)
    said = set()
    for token in (public, revoked, "sk_never", ""):
        with pytest.raises(accounts.KeyNotUsable) as caught:
            accounts.recognise(token, at=AT)
        said.add(str(caught.value))
    assert len(said) == 1


def test_a_replaced_key_works_until_the_overlap_ends() -> None:
    old = accounts.create_key("erp", is_public=False, at=AT, scopes=["read:orders"])
    new = accounts.rotate_key(accounts.list_keys()[0].id, at=AT)
    end = AT + timedelta(hours=24)
    assert accounts.recognise(old, at=end - timedelta(seconds=1)).scopes == {"read:orders"}
    assert accounts.recognise(new, at=end).scopes == {"read:orders"}
    with pytest.raises(accounts.KeyNotUsable):
        accounts.recognise(old, at=end)
    with pytest.raises(accounts.KeyNotFound):
        accounts.rotate_key(accounts.list_keys()[0].id, at=end)
    assert [key.expires_at for key in accounts.list_keys()] == [end, None]


def test_that_a_key_was_used_is_noted_once_a_minute() -> None:
    token = accounts.create_key("erp", is_public=False, at=AT, scopes=["read:orders"])
    for seconds in (0, 59, 61):
        accounts.recognise(token, at=AT + timedelta(seconds=seconds))
    assert accounts.list_keys()[0].last_used_at == AT + timedelta(seconds=61)
    accounts.recognise(token, at=AT + timedelta(seconds=90))
    assert accounts.list_keys()[0].last_used_at == AT + timedelta(seconds=61)


def test_the_edge_knows_only_keys_that_may_track_and_have_not_expired() -> None:
    now = datetime.now(UTC)
    tokens = {
        "both": accounts.create_key("both", is_public=False, at=now, scopes=["track", "read:orders"]),
        "api": accounts.create_key("api", is_public=False, at=now, scopes=["read:orders"]),
        "site": accounts.create_key("site", is_public=True, at=now),
        "gone": accounts.create_key("gone", is_public=False, at=now),
    }
    accounts.rotate_key(accounts.list_keys()[3].id, at=now, overlap=timedelta(seconds=-1))
    with raw_cursor() as cursor:
        known = door.open_keys(cursor.connection)
    assert {name for name, token in tokens.items() if door.digest_of(token) in known} == {"both", "site"}
