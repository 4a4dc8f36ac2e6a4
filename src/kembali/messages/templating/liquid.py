"""Liquid with its limits on. Values are HTML-escaped where the result is markup, and never read as template code."""

from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar

from liquid import Environment
from liquid.context import RenderContext
from liquid.exceptions import LiquidError
from liquid.filter import with_context
from liquid.template import BoundTemplate
from liquid.undefined import FalsyStrictUndefined

from kembali.kernel.money import from_minor
from kembali.messages.errors import BadTemplate

_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "BRL": "R$", "PLN": "zł", "TRY": "₺", "IDR": "Rp"}


class _Bounded(Environment):
    context_depth_limit: ClassVar[int] = 20
    block_nesting_limit: ClassVar[int] = 20
    loop_iteration_limit: ClassVar[int | None] = 2_000
    local_namespace_limit: ClassVar[int | None] = 200_000
    output_stream_limit: ClassVar[int | None] = 300_000


@with_context
def _money(minor: object, *, context: RenderContext) -> str:
    """Minor units as an amount in the shop's currency: 1045 → £10.45."""
    currency = str(context.resolve("currency"))
    if isinstance(minor, bool) or not isinstance(minor, int | str):
        raise BadTemplate("The money filters take minor units: a whole number.")
    amount = from_minor(int(minor), currency)
    sign = "-" if amount < 0 else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{abs(amount):,f}" if symbol else f"{sign}{abs(amount):,f} {currency}"


@with_context
def _money_with_currency(minor: object, *, context: RenderContext) -> str:
    """The same with the currency's code: £10.45 GBP."""
    currency = str(context.resolve("currency"))
    return f"{_money(minor, context=context).removesuffix(f' {currency}')} {currency}"


def _environment(*, autoescape: bool) -> Environment:
    environment = _Bounded(autoescape=autoescape, undefined=FalsyStrictUndefined)
    environment.add_filter("money", _money)
    environment.add_filter("money_with_currency", _money_with_currency)
    for name in ("include", "render"):  # a template reaches no other file
        del environment.tags[name]
    return environment


_MARKUP = _environment(autoescape=True)
_PLAIN = _environment(autoescape=False)  # plain text is not markup: escaping would show "&amp;" to people


def render_markup(source: str, view: Mapping[str, object]) -> str:
    """Render Liquid whose result is markup: every value is escaped.

    Raises:
        BadTemplate: wrong Liquid, an unknown variable, or a limit was reached.
    """
    return _render(_MARKUP, source, view)


def render_plain(source: str, view: Mapping[str, object]) -> str:
    """Render Liquid whose result is plain text.

    Raises:
        BadTemplate: wrong Liquid, an unknown variable, or a limit was reached.
    """
    return _render(_PLAIN, source, view)


def _render(environment: Environment, source: str, view: Mapping[str, object]) -> str:
    try:
        return _parsed(environment, source).render(**view)
    except (LiquidError, ValueError) as error:
        raise BadTemplate(f"{type(error).__name__}: {error}"[:500]) from error


@lru_cache(maxsize=256)
def _parsed(environment: Environment, source: str) -> BoundTemplate:
    return environment.from_string(source)
