"""Links in a rendered mail: campaign parameters are added, never changed; only web and mail links survive."""

import html
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_URL_IN_TEXT = re.compile(r"https?://[^\s<>]+")
_TRAILING = ".,;:!?)"
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SAFE_SCHEMES = ("http", "https", "mailto", "tel")


def slug(text: str) -> str:
    """Return `text` as a lower-case slug of a–z, 0–9 and underscores."""
    return _NOT_SLUG.sub("_", text.casefold()).strip("_")


def utm_parameters(*, shop: str, flow: str, version: int, step: str) -> dict[str, str]:
    """Return the campaign parameters of one message."""
    return {
        "utm_source": slug(shop) or "kembali",
        "utm_medium": "email",
        "utm_campaign": slug(flow),
        "utm_id": slug(f"{flow}_v{version}"),
        "utm_content": slug(step),
    }


def tag_url(url: str, parameters: Mapping[str, str], *, own_base_url: str) -> str:
    """Return `url` with the parameters it lacks; our own pages and anything but http(s) are left as they are."""
    parts = urlsplit(url)
    ours = url == own_base_url or url.startswith(f"{own_base_url}/")
    if parts.scheme not in ("http", "https") or not parts.netloc or ours:
        return url
    present = {name.casefold() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = urlencode({name: value for name, value in parameters.items() if value and name not in present})
    query = "&".join(part for part in (parts.query, added) if part)
    return urlunsplit(parts._replace(query=query))


def tag_html(markup: str, parameters: Mapping[str, str], *, own_base_url: str) -> str:
    """Return the HTML with every link tagged; a link of any other scheme (javascript:, data:) becomes "#"."""

    def rewrite(found: re.Match[str]) -> str:
        url = html.unescape(found[1] if found[1] is not None else found[2]).strip()
        safe = url if _is_safe(url) else "#"
        return f'href="{html.escape(tag_url(safe, parameters, own_base_url=own_base_url))}"'

    return _HREF.sub(rewrite, markup)


def tag_text(text: str, parameters: Mapping[str, str], *, own_base_url: str) -> str:
    """Return the plain text with every web link tagged."""

    def rewrite(found: re.Match[str]) -> str:
        url = found[0].rstrip(_TRAILING)
        return tag_url(url, parameters, own_base_url=own_base_url) + found[0][len(url) :]

    return _URL_IN_TEXT.sub(rewrite, text)


def _is_safe(url: str) -> bool:
    try:
        scheme = urlsplit(url).scheme.casefold()
    except ValueError:
        return False
    return scheme in _SAFE_SCHEMES or (not scheme and url.startswith(("#", "/")))
