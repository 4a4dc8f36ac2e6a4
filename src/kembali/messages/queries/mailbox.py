"""Read the built-in mailbox. Everything in it is SIMULATED: it never left this machine."""

from textwrap import shorten

from django.db.models import Q, QuerySet

from kembali.kernel.ids import CustomerId
from kembali.messages.contracts import MailLine, StoredMail
from kembali.messages.errors import MessageNotFound
from kembali.messages.models import Mail

_PREVIEW = 140


def list_mailbox(
    *, query: str = "", limit: int = 50, before: int | None = None, customer_id: CustomerId | None = None
) -> list[MailLine]:
    """Return mails, newest first.

    Args:
        query: part of the subject, the name or the address.
        before: the `mail_id` the page before ended with.
    """
    mails = _matching(query)
    if before is not None:
        mails = mails.filter(id__lt=before)
    if customer_id is not None:
        mails = mails.filter(send__customer_id=customer_id)
    return [_line(mail) for mail in mails.select_related("send").defer("html").order_by("-id")[:limit]]


def count_mailbox(*, query: str = "") -> int:
    """Return how many mails match."""
    return _matching(query).count()


def mail_of(mail_id: int) -> StoredMail:
    """Return one whole mail.

    Raises:
        MessageNotFound: there is none with this number.
    """
    try:
        mail = Mail.objects.select_related("send").get(id=mail_id)
    except Mail.DoesNotExist as error:
        raise MessageNotFound(f"There is no mail {mail_id}.") from error
    return StoredMail(
        line=_line(mail),
        from_line=mail.from_line,
        reply_to=mail.reply_to,
        headers=tuple((str(name), str(value)) for name, value in mail.headers),
        html=mail.html,
        text=mail.text,
    )


def _matching(query: str) -> QuerySet[Mail]:
    if not query:
        return Mail.objects.all()
    return Mail.objects.filter(Q(subject__icontains=query) | Q(to_name__icontains=query) | Q(to_email__icontains=query))


def _line(mail: Mail) -> MailLine:
    return MailLine(
        mail_id=mail.id,
        send_key=mail.send.send_key,
        customer_id=CustomerId(mail.send.customer_id),
        to_name=mail.to_name,
        to_email=mail.to_email,
        subject=mail.subject,
        preview=shorten(mail.text, _PREVIEW, placeholder="…"),
        flow=mail.send.flow,
        sent_at=mail.sent_at,
    )
