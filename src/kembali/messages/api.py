"""The door to `messages`."""

from kembali.messages.channels.email.transport import Transport, transport_for
from kembali.messages.contracts import (
    FrequencyCap,
    Gate,
    Mail,
    MailLine,
    Origin,
    Outcome,
    Receipt,
    SendPolicy,
    SendRequest,
    SendState,
    StoredMail,
)
from kembali.messages.errors import (
    BadPolicy,
    BadRequest,
    BadTemplate,
    BadTransport,
    MessageNotFound,
    TransportUnavailable,
)
from kembali.messages.queries.mailbox import count_mailbox, list_mailbox, mail_of
from kembali.messages.queries.policy import send_policy
from kembali.messages.queries.receipts import (
    counts_by_state,
    list_planned,
    list_receipts,
    list_unknown,
    reasons_not_sent,
    receipt_of,
)
from kembali.messages.queries.reply_links import AnsweredMail, describe_experience_token, experience_token
from kembali.messages.services.delivering import LEASE, deliver_due
from kembali.messages.services.policy import set_send_policy
from kembali.messages.services.requesting import cancel_requests, request_sends
from kembali.messages.templating.registry import list_templates, register_templates

__all__ = [
    "LEASE",
    "AnsweredMail",
    "BadPolicy",
    "BadRequest",
    "BadTemplate",
    "BadTransport",
    "FrequencyCap",
    "Gate",
    "Mail",
    "MailLine",
    "MessageNotFound",
    "Origin",
    "Outcome",
    "Receipt",
    "SendPolicy",
    "SendRequest",
    "SendState",
    "StoredMail",
    "Transport",
    "TransportUnavailable",
    "cancel_requests",
    "count_mailbox",
    "counts_by_state",
    "deliver_due",
    "describe_experience_token",
    "experience_token",
    "list_mailbox",
    "list_planned",
    "list_receipts",
    "list_templates",
    "list_unknown",
    "mail_of",
    "reasons_not_sent",
    "receipt_of",
    "register_templates",
    "request_sends",
    "send_policy",
    "set_send_policy",
    "transport_for",
]
