"""Start-up settings: environment before file before default, bad values refused by name."""

from pathlib import Path

import pytest

from kembali.infra.postgres_conf import shared_buffers
from kembali.infra.settings import BadSetting, load_settings


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "kembali.toml").write_text('port = 9000\nmail_from = "Shop <a@example.com>"\n')
    settings = load_settings({"KEMBALI_HOME": str(tmp_path), "KEMBALI_PORT": "9100"})
    assert settings.port == 9100
    assert settings.edge_port == 9101
    assert settings.mail_from == "Shop <a@example.com>"
    assert settings.base_url == "http://127.0.0.1:9100"
    assert settings.smtp_url is None
    assert settings.analytics_memory == "4GB"


def test_whether_only_this_computer_reaches_the_edge_is_told_by_its_address(tmp_path: Path) -> None:
    home = {"KEMBALI_HOME": str(tmp_path)}
    assert load_settings(home).edge_is_only_here
    assert load_settings(home | {"KEMBALI_EDGE_URL": "http://[::1]:8301"}).edge_is_only_here
    assert not load_settings(home | {"KEMBALI_EDGE_URL": "https://events.shop.example"}).edge_is_only_here
    assert not load_settings(home | {"KEMBALI_BASE_URL": "https://kembali.shop.example"}).edge_is_only_here


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("smtps://u:p@mail.example.com:465\n")
    settings = load_settings({"KEMBALI_HOME": str(tmp_path), "KEMBALI_SMTP_URL_FILE": str(tmp_path / "url")})
    assert settings.smtp_url == "smtps://u:p@mail.example.com:465"


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load_settings({"KEMBALI_HOME": str(tmp_path)})
    assert load_settings({"KEMBALI_HOME": str(tmp_path)}).secret_key == first.secret_key
    assert len(first.secret_key) >= 64
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    other = load_settings({"KEMBALI_HOME": str(tmp_path / "other")})
    assert other.secret_key != first.secret_key


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEMBALI_PORT", "eighty"),
        ("KEMBALI_BASE_URL", "shop.example.com"),
        ("KEMBALI_ANALYTICS_MEMORY", "4096"),
        ("KEMBALI_ANALYTICS_MEMORY", "plenty"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        load_settings({"KEMBALI_HOME": str(tmp_path), name: value})


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "kembali.toml").write_text("port = ")
    with pytest.raises(BadSetting, match=r"kembali\.toml"):
        load_settings({"KEMBALI_HOME": str(tmp_path)})


@pytest.mark.parametrize(("memory_mb", "buffers_mb"), [(512, 128), (4096, 512), (65_536, 1024)])
def test_the_database_keeps_an_eighth_of_the_memory_within_bounds(memory_mb: int, buffers_mb: int) -> None:
    assert shared_buffers(memory_mb << 20) == buffers_mb << 20


def test_proxies_are_named_by_address_or_network(tmp_path: Path) -> None:
    environ = {"KEMBALI_HOME": str(tmp_path), "KEMBALI_TRUSTED_PROXIES": "10.0.0.5, 2001:db8::/32"}
    assert [str(one) for one in load_settings(environ).trusted_proxies] == ["10.0.0.5/32", "2001:db8::/32"]
    assert load_settings({"KEMBALI_HOME": str(tmp_path)}).trusted_proxies == ()
    with pytest.raises(BadSetting, match="KEMBALI_TRUSTED_PROXIES is “nginx”"):
        load_settings({"KEMBALI_HOME": str(tmp_path), "KEMBALI_TRUSTED_PROXIES": "nginx"})
