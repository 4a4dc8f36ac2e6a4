"""Secrets are sealed so that only this home's key opens them, also while one key replaces another."""

import pytest

from kembali.infra.crypto import CannotUnseal, seal, unseal


def test_what_was_sealed_comes_out_and_does_not_show() -> None:
    sealed = seal("shpss_1", secret_key="k")
    assert "shpss_1" not in sealed
    assert sealed != seal("shpss_1", secret_key="k")
    assert unseal(sealed, secret_key="k") == "shpss_1"


def test_a_replaced_key_still_opens_while_it_is_named_behind_the_new_one() -> None:
    sealed = seal("s", secret_key="old")
    assert unseal(sealed, secret_key="new, old") == "s"
    with pytest.raises(CannotUnseal):
        unseal(sealed, secret_key="new")
