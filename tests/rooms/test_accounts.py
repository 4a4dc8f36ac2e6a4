"""Being let in: people by a link that works once, within fifteen minutes, whatever races; programs by keys."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from kembali.accounts import api as accounts
from kembali.accounts.models import Key, SignInLink

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
EMAIL = "owner@example.com"


@pytest.mark.django_db
def test_a_link_signs_in_once() -> None:
    accounts.ensure_owner(email=EMAIL, at=AT)
    token = accounts.create_sign_in_link(email=EMAIL, at=AT)
    assert accounts.redeem_sign_in_link(token=token, at=AT).email == EMAIL
    with pytest.raises(accounts.LinkNotUsable):
        accounts.redeem_sign_in_link(token=token, at=AT)


@pytest.mark.django_db
def test_a_link_dies_after_fifteen_minutes() -> None:
    accounts.ensure_owner(email=EMAIL, at=AT)
    token = accounts.create_sign_in_link(email=EMAIL, at=AT)
    with pytest.raises(accounts.LinkNotUsable):
        accounts.redeem_sign_in_link(token=token, at=AT + timedelta(minutes=15))
    assert accounts.redeem_sign_in_link(token=token, at=AT + timedelta(minutes=14, seconds=59)).email == EMAIL


@pytest.mark.django_db
def test_the_token_has_256_bits_and_is_nowhere_in_the_database() -> None:
    accounts.ensure_owner(email=EMAIL, at=AT)
    token = accounts.create_sign_in_link(email=EMAIL, at=AT)
    assert len(token) == 43  # 32 bytes in base64url
    stored = bytes(SignInLink.objects.get().token_sha256)
    assert len(stored) == 32
    assert token.encode() not in stored


@pytest.mark.django_db
def test_nobody_unknown_gets_a_link() -> None:
    with pytest.raises(accounts.StaffNotFound):
        accounts.create_sign_in_link(email="stranger@example.com", at=AT)
    assert SignInLink.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_eight_clicks_at_once_one_signs_in() -> None:
    accounts.ensure_owner(email=EMAIL, at=AT)
    token = accounts.create_sign_in_link(email=EMAIL, at=AT)

    def click(_: int) -> bool:
        try:
            accounts.redeem_sign_in_link(token=token, at=AT)
        except accounts.LinkNotUsable:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(click, range(8))) == 1


@pytest.mark.django_db
def test_of_a_secret_key_only_the_hash_is_kept() -> None:
    token = accounts.create_key("server", is_public=False, at=AT)
    stored = Key.objects.get()
    assert token.startswith("sk_")
    assert len(bytes(stored.token_sha256)) == 32
    assert token not in f"{vars(stored)}{bytes(stored.token_sha256)!r}"
    assert [key.public_token for key in accounts.list_keys()] == [None]


@pytest.mark.django_db
def test_a_key_is_withdrawn_once_and_keeps_its_first_date() -> None:
    accounts.create_key("site", is_public=True, at=AT)
    (key,) = accounts.list_keys()
    accounts.revoke_key(key.id, at=AT)
    accounts.revoke_key(key.id, at=AT + timedelta(days=1))
    assert [one.revoked_at for one in accounts.list_keys()] == [AT]
    with pytest.raises(accounts.KeyNotFound):
        accounts.revoke_key(key.id + 1, at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["", "Site", "a b", "x" * 41, "site:kembali", "ünï"])
def test_a_source_is_a_short_plain_name(source: str) -> None:
    with pytest.raises(accounts.BadSource):
        accounts.create_key(source, is_public=True, at=AT)
