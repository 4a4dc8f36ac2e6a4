"""Links by which a person answers one mail: signed, stored nowhere, and telling nothing about the person."""

from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

from kembali.kernel.ids import CustomerId, SendRequestId
from kembali.messages.errors import MessageNotFound
from kembali.messages.models import Send

_SIGNER = Signer(salt="messages.experience", sep="~")


@dataclass(frozen=True, slots=True)
class AnsweredMail:
    """The request a link belongs to."""

    send_key: str
    customer_id: CustomerId
    flow: str
    step: str


def experience_token(send_id: SendRequestId) -> str:
    """Return the token of the "how was your experience?" link in one mail."""
    return _SIGNER.sign(str(send_id))


def describe_experience_token(token: str) -> AnsweredMail:
    """Return which mail an answer belongs to; changes nothing.

    Raises:
        MessageNotFound: we did not make this token.
    """
    try:
        row = Send.objects.get(id=int(_SIGNER.unsign(token)))
    except (BadSignature, Send.DoesNotExist) as error:
        raise MessageNotFound("This link is not valid.", hint="Reply to the mail instead.") from error
    return AnsweredMail(row.send_key, CustomerId(row.customer_id), row.flow, row.step)
