"""One template and one view → what the person sees. Liquid first, then MJML, then links."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import css_inline
import mrml

from kembali.messages.errors import BadTemplate
from kembali.messages.rules.headers import one_line
from kembali.messages.rules.links import tag_html, tag_text
from kembali.messages.templating.liquid import render_markup, render_plain
from kembali.messages.templating.registry import TemplateSource

# What XML cannot hold, in any value, would cost that person their mail.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MAX_HTML = 102_000  # Gmail cuts longer ones, and the unsubscribe link with them


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as the person sees it; `subject` is one line."""

    subject: str
    html: str
    text: str


def render(
    source: TemplateSource, view: Mapping[str, object], *, utm: Mapping[str, str], own_base_url: str
) -> Rendered:
    """Render a template for one person.

    Raises:
        BadTemplate: it does not render, has no subject, or is too long to be shown whole.
    """
    subject = one_line(render_plain(source.subject, view))
    if not subject:
        raise BadTemplate("The subject is empty.")
    html = tag_html(_to_html(_NOT_XML.sub("", render_markup(source.mjml, view))), utm, own_base_url=own_base_url)
    if len(html.encode()) > _MAX_HTML:
        raise BadTemplate(f"The mail has {len(html.encode()):,} bytes; mail programs cut it after {_MAX_HTML:,}.")
    text = tag_text(render_plain(source.text, view), utm, own_base_url=own_base_url)
    return Rendered(subject, html, text.strip() + "\n")


def _to_html(mjml: str) -> str:
    # mrml styles its own elements; only an author's <mj-style> is left to be put where every mail program looks.
    # Neither fetches anything: an include without a loader is an error, remote style sheets are off.
    try:
        markup: str = mrml.to_html(mjml).content
        if "<mj-style" not in mjml:
            return markup
        return css_inline.inline(markup, keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False)
    except (ValueError, OSError) as error:
        raise BadTemplate(f"MJML: {error}"[:500]) from error
