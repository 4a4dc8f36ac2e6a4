"""“How was your experience?”: the page a mail leads to. GET changes nothing, the first POST counts, once."""

from django.http import HttpResponse
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.kernel.errors import Refused
from kembali.messages import api as messages
from kembali.web.requests import ShopRequest, shop_of
from kembali.web.shopper.pages import Answer, ExperiencePage, render_experience

_ANSWERS: dict[str, Answer] = {"good": "good", "mixed": "mixed", "bad": "bad"}
_WORDS_LENGTH = 2000


class NoAnswer(Refused):
    """The form came back without one of the answers it offers."""

    code = "no_answer"


def experience(request: ShopRequest, token: str) -> HttpResponse:
    """Return the question, or thanks after the answer has become a fact."""
    found = shop_of(request)
    shop_name = found.name if found else ""
    try:
        about = messages.describe_experience_token(token)
    except messages.MessageNotFound:
        return render_experience(request, ExperiencePage(shop_name, "unknown"))
    if request.method != "POST":
        chosen = _ANSWERS.get(request.GET.get("answer", ""))
        return render_experience(request, ExperiencePage(shop_name, "ask", chosen or ""))
    answer = _ANSWERS.get(request.POST.get("answer", ""))
    if answer is None:
        raise NoAnswer(gettext("Choose one of the answers."), hint=gettext("Go back and send it again."))
    words = request.POST.get("words", "").replace("\x00", "").strip()[:_WORDS_LENGTH]
    fact = collect.NewFact(
        source="shopper",
        message_id=f"survey:{about.send_key}",
        kind="survey.answered",
        occurred_at=request.at,
        payload={"flow": about.flow, "step": about.step, "answer": answer, "words": words},
        identifiers={"customer_id": str(about.customer_id)},
    )
    collect.append_facts([fact], at=request.at)
    return render_experience(request, ExperiencePage(shop_name, "done"))
