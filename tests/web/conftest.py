"""Shops and people for the tests of the dashboard: an empty one per test, a lived-in one shared by a module."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from kembali.accounts import api as accounts
from kembali.config import wiring
from kembali.infra.postgres import conninfo_of
from tests.makers import small_shop

OWNER = "owner@example.com"


@pytest.fixture(autouse=True)
def registered() -> None:
    """What the web process does when it starts."""
    wiring.register()


@pytest.fixture
def owner(db: None) -> accounts.Staff:
    return accounts.ensure_owner(email=OWNER, at=timezone.now())


@pytest.fixture
def signed_in(owner: accounts.Staff) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture(scope="module")
def lived_in(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A small shop with history, a launched journey, mails and a proof; the tables are emptied after the module."""
    with django_db_blocker.unblock():
        with lived_in_shop(tmp_path_factory.mktemp("home")):
            small_shop.build()
            yield
        call_command("flush", verbosity=0, interactive=False)


def lived_in_shop(home: Path) -> override_settings:
    """Settings of a home of its own on the test database, which commands and the lake use too."""
    conninfo = f"{conninfo_of(settings.KEMBALI)} dbname={connection.settings_dict['NAME']}"
    return override_settings(KEMBALI=replace(settings.KEMBALI, home=home, database_url=conninfo))


def sign_in_path(*, age: timedelta = timedelta(0)) -> str:
    """The path of a fresh sign-in link of the owner, made `age` ago."""
    token = accounts.create_sign_in_link(email=OWNER, at=timezone.now() - age)
    return f"/sign-in/{token}/"
