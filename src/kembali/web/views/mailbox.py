"""The built-in mailbox: the list, one mail, and its body alone."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from kembali.journeys import api as journeys
from kembali.messages import api as messages
from kembali.web.pages import mailbox as pages
from kembali.web.paging import PAGE_SIZE, cursor_of, pager
from kembali.web.receipts import state_tag
from kembali.web.requests import ShopRequest

# A mail brings its own styles and nothing else: no scripts, no forms, nothing fetched from anywhere.
_BODY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


def mailbox(request: ShopRequest) -> HttpResponse:
    """Show the mails, newest first."""
    query = request.GET.get("q", "").strip().replace("\x00", "")[:200]
    found = messages.list_mailbox(query=query, limit=PAGE_SIZE + 1, before=cursor_of(request, "before"))
    shown = found[:PAGE_SIZE]
    flows = {str(flow.key): flow.name for flow in journeys.list_flows(at=request.at)}
    matching = messages.count_mailbox(query=query)
    page = pages.MailboxPage(
        at=request.at,
        total=messages.count_mailbox() if query else matching,
        query=query,
        rows=tuple(
            pages.MailRow(
                message_id=one.mail_id,
                to_name=one.to_name or one.to_email,
                to_email=one.to_email,
                subject=one.subject,
                preview=one.preview,
                sent_at=one.sent_at,
                journey=flows.get(one.flow, one.flow),
            )
            for one in shown
        ),
        pager=pager(request, shown[-1].mail_id if len(found) > PAGE_SIZE else None, total=matching, name="before"),
    )
    return pages.render_list(request, page)


def message(request: ShopRequest, message_id: int) -> HttpResponse:
    """Show one mail with its headers."""
    mail = messages.mail_of(message_id)
    line = mail.line
    flows = {str(flow.key): flow.name for flow in journeys.list_flows(at=request.at)}
    page = pages.MessagePage(
        at=request.at,
        message_id=message_id,
        customer_id=line.customer_id,
        to_name=line.to_name or line.to_email,
        to_email=line.to_email,
        from_line=mail.from_line,
        reply_to=mail.reply_to,
        subject=line.subject,
        sent_at=line.sent_at,
        state=state_tag(messages.receipt_of(line.send_key).state),
        journey=flows.get(line.flow, line.flow),
        journey_href=reverse("web:journey", args=[line.flow]) if line.flow in flows else reverse("web:journeys"),
        headers=mail.headers,
        body_href=reverse("web:message-body", args=[message_id]),
        text=mail.text,
    )
    return pages.render_one(request, page)


@xframe_options_sameorigin
def body(_request: ShopRequest, message_id: int) -> HttpResponse:
    """Return a mail's HTML alone, under a policy of its own, for a sandboxed frame."""
    response = HttpResponse(messages.mail_of(message_id).html, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = _BODY_POLICY
    response["Referrer-Policy"] = "no-referrer"
    return response
