"""Importing from the browser: a dry run in a process of its own, then the same command for good."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.shop import api as shop
from kembali.web import uploads
from tests.web.conftest import lived_in_shop

CSV = (
    b"order id,customer id,date,product,quantity,price\n"
    b"A1,7,2026-05-01 10:00,Tea,2,4.50\nA1,7,2026-05-01 10:00,Cup,1,9.00\nA2,8,2026-05-02 11:00,Tea,x,4.50\n"
    b"A3,9,2026-05-03 12:00,Pot,1,30.00\n"
)
_WAIT_S = 90


@pytest.fixture
def home(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose commands work on the test database, as the web process does."""
    with lived_in_shop(tmp_path):
        monkeypatch.setenv("KEMBALI_DATABASE_URL", settings.KEMBALI.database_url or "")
        monkeypatch.setenv("KEMBALI_HOME", str(tmp_path))
        yield tmp_path


def send(client: Client, content: bytes, name: str = "orders.csv", **fields: str) -> tuple[int, str]:
    data = {"name": "Ann & Co", "currency": "GBP", "zone": "Europe/London", **fields}
    answer = client.post("/import/", {"file": SimpleUploadedFile(name, content), **data})
    return answer.status_code, answer.get("Location", "") or answer.content.decode()


def test_a_file_is_looked_at_before_and_imported_after_the_word(
    home: Path, owner: accounts.Staff, signed_in: Client
) -> None:
    status, where = send(signed_in, CSV, name='../we"ird <b>.csv')
    assert status == 302
    html = signed_in.get(where).content.decode()
    assert "2 orders by 2 people, £48.00 in all." in html
    assert "we_ird _b_.csv" in html
    assert shop.find_shop_settings() is None
    token = where.strip("/").split("/")[-1]
    kept = uploads.Upload(token)
    assert kept.path.stat().st_mode & 0o777 == 0o600
    progress = f"/import/{token}/progress/"
    for _ in range(2):  # pressed twice: imported once
        assert signed_in.post("/import/confirm/", {"token": token})["Location"] == progress
    html = finished(signed_in, progress)
    assert "3 lines are in." in html
    found = shop.find_shop_settings()
    assert found is not None
    assert (found.name, found.currency, found.time_zone) == ("Ann & Co", "GBP", "Europe/London")
    assert shop.count_people() == 2
    health = signed_in.get("/health/").content.decode()
    assert "we_ird _b_.csv" in health
    assert "one was not understood" in health

    (run,) = collect.list_imports()
    again = f"/import/{run.pk}/replay/"
    assert f'action="{again}"' in health
    refused = signed_in.post(again, {"mapping": "@/etc/passwd=x"}, follow=True).content.decode()
    assert "names no field" in refused
    assert collect.count_rejected_lines() == 1
    read = signed_in.post(again, {"mapping": "quantity=-"}, follow=True).content.decode()
    assert "1 lines are in now, 0 are still not understood." in read
    assert (collect.count_rejected_lines(), shop.count_people()) == (0, 3)
    assert again not in signed_in.get("/health/").content.decode()


def finished(client: Client, path: str) -> str:
    """The progress page once nothing runs any more."""
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        html = client.get(path).content.decode()
        if "hx-trigger" not in html:
            return html
        time.sleep(0.3)
    raise AssertionError("the import did not end in time")


def test_a_file_that_is_none_is_refused_and_not_kept(home: Path, owner: accounts.Staff, signed_in: Client) -> None:
    status, html = send(signed_in, b"colour;size\nred;1\n")
    assert status == 422
    assert 'role="alert"' in html
    assert list((home / "work" / "uploads").iterdir()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "said"), [({"currency": "pounds"}, "not a currency code"), ({"zone": "Mars/Base"}, "not a time zone")]
)
def test_what_cannot_be_counted_in_is_refused_at_once(signed_in: Client, fields: dict[str, str], said: str) -> None:
    status, html = send(signed_in, CSV, **fields)
    assert status == 422
    assert said in html


@pytest.mark.django_db
def test_a_form_without_a_file_says_so(signed_in: Client) -> None:
    answer = signed_in.post("/import/", {"currency": "GBP", "zone": "Europe/London"})
    assert answer.status_code == 422
    assert b"Choose a file first." in answer.content


@pytest.mark.django_db
def test_reading_stops_at_the_cap(signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_MAX_BYTES", 100_000)
    status, html = send(signed_in, b"x" * 300_000)
    assert (status, "larger than 200 MB" in html) == (422, True)


@pytest.mark.parametrize("token", ["..", "confirm", "A" * 32, "0" * 31, "0" * 32])
def test_a_token_we_did_not_make_leads_nowhere(token: str, signed_in: Client) -> None:
    assert signed_in.get(f"/import/{token}/").status_code in {404, 405}


def test_old_uploads_are_forgotten(tmp_path: Path) -> None:
    with override_settings(KEMBALI=replace(settings.KEMBALI, home=tmp_path)):
        order = uploads.Order(file_name="a.csv", currency="GBP", zone="Europe/London")
        first = uploads.Upload.keep(SimpleUploadedFile("a.csv", CSV), order)
        os.utime(first.folder, (time.time() - 90_000,) * 2)
        second = uploads.Upload.keep(SimpleUploadedFile("a.csv", CSV), order)
        assert not first.folder.exists()
        assert second.path.read_bytes() == CSV


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a.csv.gz", "a.csv.gz"), ("..\\..\\x.csv", "x.csv"), ("/etc/.hidden", "hidden"), ("", "orders.csv"),
     ("plan.json", "orders.csv"), ("-rf.csv", "rf.csv")],
)  # fmt: skip
def test_a_file_name_cannot_lead_elsewhere(given: str, kept: str) -> None:
    assert uploads.safe_name(given) == kept


def test_a_mapping_is_changed_remembered_and_used_for_the_next_file(
    home: Path, owner: accounts.Staff, signed_in: Client
) -> None:
    content = b"nr;wer, who;tier\n1;ann@example.com;gold\n2;nonsense;=1+1\n"
    _, where = send(signed_in, content.replace(b"nr", b"customer id"), name="desk.csv")
    html = signed_in.get(where).content.decode()
    assert "2 lines of customers." in html
    said = {"field-email": "wer, who", "field-customer_ref": "", "save_as": "desk"}
    changed = signed_in.post(f"{where}mapping/", said)
    assert changed["Location"] == where
    html = signed_in.get(where).content.decode()
    assert "not an e-mail address" in html
    assert '<option value="wer, who" selected>' in html
    refused = signed_in.post(f"{where}mapping/", {"field-first_name": "tier"})
    assert (refused.status_code, b"no column found" in refused.content) == (422, True)
    token = where.strip("/").split("/")[-1]
    signed_in.post("/import/confirm/", {"token": token})
    html = finished(signed_in, f"/import/{token}/progress/")
    assert "1 lines are in." in html
    assert list(collect.list_mappings()) == ["desk"]
    address = html.split('href="/import/rejects/')[1].split('"')[0]
    table = signed_in.get(f"/import/rejects/{address}")
    assert table["Content-Disposition"].startswith("attachment")
    text = table.getvalue().decode("utf-8-sig")
    assert "nonsense,'=1+1," in text
    _, where = send(signed_in, text.replace("nonsense", "bob@example.com").encode(), name="mended.csv")
    assert "1 lines of lines that were mended." in signed_in.get(where).content.decode()
    token = where.strip("/").split("/")[-1]
    signed_in.post("/import/confirm/", {"token": token})
    assert "1 lines are in." in finished(signed_in, f"/import/{token}/progress/")
    assert collect.count_rejected_lines() == 0
    _, where = send(signed_in, content.replace(b"nr", b"customer id"), name="again.csv")
    assert "<dd>desk</dd>" in signed_in.get(where).content.decode()
