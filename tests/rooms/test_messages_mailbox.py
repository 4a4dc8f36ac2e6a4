"""Reading what was sent: the built-in mailbox, and which mail an answer belongs to."""

from pathlib import Path

import pytest

from kembali.messages import api as messages
from tests.makers.sending import AT, ask_for, customers, open_shop, write_templates

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_shop(tmp_path: Path) -> None:
    open_shop()
    write_templates(tmp_path / "templates")


def test_the_mailbox_is_read_page_by_page_and_searched() -> None:
    ask_for(customers(12))
    messages.deliver_due(at=AT)
    first = messages.list_mailbox(limit=10)
    rest = messages.list_mailbox(limit=10, before=first[-1].mail_id)
    assert (len(first), len(rest)) == (10, 2)
    assert [line.to_email for line in messages.list_mailbox(query="C11@")] == ["c11@example.com"]
    with pytest.raises(messages.MessageNotFound):
        messages.mail_of(10**9)


def test_an_answer_link_belongs_to_one_mail() -> None:
    (ann,) = customers(1)
    (key,) = ask_for([ann])
    token = messages.experience_token(messages.receipt_of(key).send_id)
    assert messages.describe_experience_token(token).send_key == key
    with pytest.raises(messages.MessageNotFound):
        messages.describe_experience_token(token[:-1] + ("A" if token[-1] != "A" else "B"))
