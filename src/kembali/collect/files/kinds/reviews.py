"""Reviews: what buyers think, of a product or of an order as a whole."""

from collections.abc import Iterator, Sequence

from kembali.collect.files.fields import amount, instant, text
from kembali.collect.files.kinds.base import Kind, Row, Said, checked, identifiers_of
from kembali.collect.files.words import Unusable, Words
from kembali.collect.payloads import ReviewLeft

_MOST_STARS = 100


def _read(rows: Sequence[Row], words: Words) -> Iterator[Said]:
    row = rows[0]
    rating, best = words.whole(row.text("rating")), words.whole(row.text("best_rating")) or 5
    if rating is None or not 0 <= rating <= best <= _MOST_STARS:
        raise Unusable("bad_rating", row.text("rating") or "")
    order_ref, product_ref = row.ref("order_ref"), row.ref("product_ref")
    asked_at = words.instant(row.text("asked_at"))
    left_at = words.instant(row.text("left_at")) or asked_at
    if left_at is None:
        raise Unusable("no_date")
    review_ref = row.ref("review_ref")
    about = "/".join(filter(None, (review_ref, order_ref, product_ref)))
    yield Said(
        "review.left",
        checked(f"review/{about}"),
        left_at,
        identifiers_of(row, ref_prefix=words.ref_prefix),
        ReviewLeft(
            rating=rating,
            best_rating=best,
            review_ref=review_ref,
            order_ref=order_ref,
            product_ref=product_ref,
            title=row.text("title"),
            text=row.text("text"),
            asked_at=asked_at,
            properties=row.extras,
        ),
    )


REVIEWS = Kind(
    name="reviews",
    in_words="reviews",
    fields=(
        text("review_ref", "number of the review"),
        text("order_ref", "order number"),
        text("product_ref", "product number or code"),
        amount("rating", "stars"),
        amount("best_rating", "how many stars there are, 5 where not said"),
        text("title", "headline"),
        text("text", "what was written"),
        instant("left_at", "when it was written"),
        instant("asked_at", "when it was asked for"),
        text("customer_ref", "customer number"),
        text("email", "customer's e-mail"),
    ),
    needs=(("rating",), ("left_at", "asked_at"), ("order_ref", "product_ref", "customer_ref", "email")),
    tells=(("rating",), ("order_ref", "product_ref", "customer_ref", "email")),
    read=_read,
)
