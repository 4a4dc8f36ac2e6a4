"""Two people who may be one: questions, a merge, taking somebody out."""

from kembali.web.pages.deciding import MergePage, Pair, SideCard, TakeOutPage, ToDecidePage
from tests.web.samples.common import AT, CURRENCY, ago

_MARTA = SideCard(
    4021, "Marta Wiśniewska", ("customer shopify:17850", "marta@example.com"), 14, 61_240, ago(62), ("#2207", "#2101")
)
_M = SideCard(4530, "M. Wisniewska", ("customer shopify:20311", "+48555010021"), 1, 2_890, ago(6), ("#2391",))
_NOBODY = SideCard(4531, "customer shopify:20399", ("customer shopify:20399",), 0, 0, None, ())

TO_DECIDE = ToDecidePage(
    AT,
    CURRENCY,
    (
        Pair(_MARTA, _M, ("a.very.long.address.that.must.wrap.somewhere@department.example.com",), ago(3)),
        Pair(_M, _NOBODY, ("+48555010021", "marta@example.com"), ago(2)),
    ),
    37,
    may_change=True,
)
TO_DECIDE_EMPTY = ToDecidePage(AT, CURRENCY, (), 0, may_change=True)
MERGE = MergePage(CURRENCY, 4021, "Marta Wiśniewska", "", (), Pair(_MARTA, _M, ()), "", may_change=True)
MERGE_FIND = MergePage(CURRENCY, 4021, "Marta Wiśniewska", "wis", (_M, _NOBODY), None, "", may_change=True)
MERGE_NOBODY = MergePage(CURRENCY, 4021, "Marta Wiśniewska", "zz", (), None, "Nobody else matches.", may_change=True)
TAKE_OUT = TakeOutPage(
    4022,
    4021,
    "Marta Wiśniewska",
    ("marta@example.com", "browser 3f9a0c2e"),
    ("customer shopify:17850",),
    ("#2207", "#2101", "C2044"),
    3,
    12,
    may_change=True,
)
