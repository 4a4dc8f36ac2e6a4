"""Write the mails of a batch: what each person will see, before any of them goes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr

import msgspec

from kembali.consent import api as consent
from kembali.infra.settings import Settings
from kembali.kernel.ids import CustomerId
from kembali.messages.contracts import Mail
from kembali.messages.errors import BadTemplate
from kembali.messages.queries.reply_links import experience_token
from kembali.messages.rules.headers import message_id
from kembali.messages.rules.links import utm_parameters
from kembali.messages.services.judging import Batch
from kembali.messages.services.pending import Pending
from kembali.messages.templating.registry import read_template
from kembali.messages.templating.rendering import render
from kembali.messages.templating.view import Person, Surroundings, view_of
from kembali.shop import api as shop


def compose(
    pending: Sequence[Pending], batch: Batch, settings: Settings, *, at: datetime
) -> tuple[list[tuple[Pending, Mail]], list[tuple[Pending, str]]]:
    """Return the mails, and the requests that cannot become one with the reason."""
    titles = shop.last_product_titles([each.customer_id for each in pending])
    mails, broken = [], []
    for each in pending:
        try:
            mails.append((each, _mail(each, batch, settings, titles, at)))
        except BadTemplate as error:
            broken.append((each, f"template: {error}"[:500]))
    return mails, broken


def _mail(pending: Pending, batch: Batch, settings: Settings, titles: Mapping[CustomerId, str], at: datetime) -> Mail:
    address = batch.addresses[pending.customer_id]
    unsubscribe_url = _unsubscribe_url(pending, settings)
    view = view_of(
        Person(
            first_name=address.first_name,
            last_name=address.last_name,
            last_product_title=titles.get(pending.customer_id, ""),
        ),
        Surroundings(
            shop_name=batch.settings.name,
            currency=batch.settings.currency,
            base_url=settings.base_url,
            shop_url=batch.policy.shop_url or settings.base_url,
        ),
        unsubscribe_url=unsubscribe_url,
        experience_url=f"{settings.base_url}/e/{experience_token(pending.id)}/",
        variables=msgspec.json.decode(pending.variables_json, type=dict[str, object]),
    )
    utm = utm_parameters(shop=batch.settings.name, flow=pending.flow, version=pending.version, step=pending.step)
    rendered = render(read_template(pending.template), view, utm=utm, own_base_url=settings.base_url)
    return Mail(
        send_id=pending.id,
        send_key=pending.send_key,
        customer_id=pending.customer_id,
        to_email=address.email,
        to_name=f"{address.first_name} {address.last_name}".strip(),
        from_line=settings.mail_from,
        reply_to=batch.policy.reply_to or settings.mail_from,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        message_id=message_id(pending.send_key, parseaddr(settings.mail_from)[1].rpartition("@")[2] or settings.host),
        unsubscribe_url=unsubscribe_url if pending.purpose == "marketing" else "",
        date=at,
    )


def _unsubscribe_url(pending: Pending, settings: Settings) -> str:
    token = consent.unsubscribe_token(pending.customer_id, pending.channel, pending.purpose)
    return f"{settings.base_url}/u/{token}/"
