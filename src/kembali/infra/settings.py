"""Start-up settings: read once from the environment, then from `$KEMBALI_HOME/kembali.toml`, then frozen.

What a shop edits at run time does not live here but in PostgreSQL, in its room.
"""

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from kembali.kernel.errors import Refused

_DEFAULT_PORT = 8300
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_MEMORY = re.compile(r"[0-9]+(\.[0-9]+)? ?[KMGT](i?B)?", re.IGNORECASE)


class BadSetting(Refused):
    """A start-up setting has a value that cannot be used."""

    code = "bad_setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a process must know before it can open the database."""

    home: Path
    database_url: str | None
    """A PostgreSQL of the owner's own; None means the embedded one in `home`."""
    base_url: str
    """Where people and mail clients reach this shop's kembali, without a trailing slash."""
    edge_url: str
    """Where browsers, SDKs and shops reach the edge: `base_url` unless it is told, or both are on this machine only."""
    bind_host: str
    port: int
    edge_port: int
    smtp_url: str | None
    """`smtp://user:password@host:port`, `smtp+tls://` or `smtps://`; None means the built-in mailbox."""
    mail_from: str
    secret_key: str
    analytics_memory: str
    """What one DuckDB of this process may take before it spills to disk, such as `4GB` or `512MiB`."""
    allow_private_addresses: bool
    """Whether what kembali calls (a shop, a receiver of webhooks) may stand in the owner's own network."""
    edge_events_per_key: int
    """How many events a second one source may send to the edge, 20 times as many at once; 0 for any number."""
    edge_events_per_address: int
    """The same of one client address with a public key."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    """Whose `X-Forwarded-For` is believed; none unless the owner names them."""
    debug: bool

    @property
    def lake_dir(self) -> Path:
        """Where the columnar replica lies."""
        return self.home / "lake"

    @property
    def edge_is_only_here(self) -> bool:
        """Whether only this computer reaches the edge's address: no shop and no visitor can send anything there."""
        return urlsplit(self.edge_url).hostname in _LOCAL_HOSTS

    @property
    def host(self) -> str:
        """The host name in `base_url`."""
        return urlsplit(self.base_url).hostname or "localhost"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Each comes from `KEMBALI_<NAME>`, else from the file named by `KEMBALI_<NAME>_FILE`, else from `kembali.toml` in the
    home folder, else from its default. Creates the home folder and, once, its secret key.

    Raises:
        BadSetting: a value cannot be used; the message names it.
    """
    env = os.environ if environ is None else environ
    home = Path(env.get("KEMBALI_HOME") or "kembali-data").expanduser().absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    table = _read_toml(home / "kembali.toml")

    def text(name: str, default: str | None = None) -> str | None:
        key = f"KEMBALI_{name.upper()}"
        if value := env.get(key):
            return value
        if path := env.get(f"{key}_FILE"):
            return Path(path).read_text(encoding="utf-8").strip()
        found = table.get(name)
        return default if found is None else str(found)

    def number(name: str, default: int) -> int:
        value = text(name)
        try:
            return default if value is None else int(value)
        except ValueError as error:
            raise BadSetting(f"KEMBALI_{name.upper()} is “{value}”, not a whole number.") from error

    def flag(name: str) -> bool:
        return (text(name) or "").lower() in ("1", "true", "yes")

    port = number("port", _DEFAULT_PORT)
    base_url = (text("base_url") or f"http://127.0.0.1:{port}").rstrip("/")
    if urlsplit(base_url).scheme not in ("http", "https"):
        raise BadSetting(f"KEMBALI_BASE_URL is “{base_url}”.", hint="It must begin with http:// or https://.")
    edge_port = number("edge_port", port + 1)
    default_edge_url = base_url if text("base_url") else f"http://127.0.0.1:{edge_port}"
    analytics_memory = text("analytics_memory") or "4GB"
    if not _MEMORY.fullmatch(analytics_memory):
        raise BadSetting(f"KEMBALI_ANALYTICS_MEMORY is “{analytics_memory}”.", hint="Write 4GB or 512MB.")
    return Settings(
        home=home,
        database_url=text("database_url"),
        base_url=base_url,
        edge_url=(text("edge_url") or default_edge_url).rstrip("/"),
        bind_host=text("bind_host") or "127.0.0.1",
        port=port,
        edge_port=edge_port,
        smtp_url=text("smtp_url"),
        mail_from=text("mail_from") or "Demo shop <shop@example.com>",
        secret_key=text("secret_key") or _secret_key(home / "secret-key"),
        analytics_memory=analytics_memory,
        allow_private_addresses=flag("allow_private_addresses"),
        edge_events_per_key=number("edge_events_per_key", 5_000),
        edge_events_per_address=number("edge_events_per_address", 500),
        trusted_proxies=_networks(text("trusted_proxies") or ""),
        debug=flag("debug"),
    )


def _networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(word.strip(), strict=False) for word in value.split(",") if word.strip())
    except ValueError as error:
        hint = "Write addresses and networks with commas between: 10.0.0.5, 172.16.0.0/12."
        raise BadSetting(f"KEMBALI_TRUSTED_PROXIES is “{value}”: {error}.", hint=hint) from error


def _read_toml(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{path} cannot be read: {error}.") from error


def _secret_key(path: Path) -> str:
    """Return the home's own secret, made at first use; two processes starting at once agree on one."""
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")
