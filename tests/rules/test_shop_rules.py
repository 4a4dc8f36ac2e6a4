"""Which sale a cancellation unwinds, which lines sell one product."""

import random

from hypothesis import given
from hypothesis import strategies as st

from kembali.shop.rules import (
    Allocation,
    GoodsLine,
    allocate_cancellations,
    sku_key,
)


def line(name: str, at: int, pieces: int, money: int | None = None) -> GoodsLine:
    return GoodsLine(("test", name, 1), at, pieces, pieces * 100 if money is None else money)


def allocated(cancelled: list[GoodsLine], sold: list[GoodsLine]) -> list[tuple[str, str, int, int]]:
    return [
        (one.cancellation[1], one.line[1], one.quantity, one.amount_minor)
        for one in allocate_cancellations(cancelled, sold)
    ]


def test_the_latest_earlier_sale_of_exactly_that_quantity_is_unwound() -> None:
    sold = [line("a", 1, 3), line("b", 2, 3), line("c", 3, 5), line("later", 9, 3)]
    assert allocated([line("C1", 4, 3)], sold) == [("C1", "b", 3, 300)]


def test_without_an_exact_match_the_latest_sales_are_unwound_in_part() -> None:
    sold = [line("a", 1, 4), line("b", 2, 6)]
    assert allocated([line("C1", 3, 8)], sold) == [("C1", "b", 6, 600), ("C1", "a", 2, 200)]


def test_two_cancellations_do_not_take_the_same_pieces() -> None:
    sold = [line("a", 1, 3), line("b", 2, 3)]
    assert allocated([line("C1", 3, 3), line("C2", 4, 3), line("C3", 5, 3)], sold) == [
        ("C1", "b", 3, 300),
        ("C2", "a", 3, 300),
    ]


def test_a_sale_after_the_cancellation_is_left_alone() -> None:
    assert allocated([line("C1", 1, 3)], [line("a", 2, 3)]) == []


def test_a_sale_gives_back_no_more_money_than_it_took() -> None:
    assert allocated([line("C1", 2, 2, 900)], [line("a", 1, 2, 500)]) == [("C1", "a", 2, 500)]


def test_money_follows_the_pieces_and_none_is_lost_to_rounding() -> None:
    sold = [line("a", 1, 2, 1000), line("b", 2, 1, 1000)]
    assert allocated([line("C1", 3, 3, 100)], sold) == [("C1", "b", 1, 33), ("C1", "a", 2, 67)]


goods = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 5), st.integers(0, 900)), max_size=8)


def lines_of(name: str, drawn: list[tuple[int, int, int]]) -> list[GoodsLine]:
    return [GoodsLine(("test", f"{name}{number}", 1), *values) for number, values in enumerate(drawn)]


@given(goods, goods, st.integers(0, 1000))
def test_the_allocation_is_a_function_of_the_set_and_never_exceeds_what_was_sold_or_cancelled(
    cancelled: list[tuple[int, int, int]], sold: list[tuple[int, int, int]], seed: int
) -> None:
    back, goods_sold = lines_of("C", cancelled), lines_of("s", sold)
    result = allocate_cancellations(back, goods_sold)
    shuffled = random.Random(seed)
    assert result == allocate_cancellations(
        shuffled.sample(back, len(back)), shuffled.sample(goods_sold, len(goods_sold))
    )
    for one in goods_sold:
        taken = [each for each in result if each.line == one.key]
        assert sum(each.quantity for each in taken) <= one.quantity
        assert sum(each.amount_minor for each in taken) <= one.total_minor
    for one in back:
        given_back: list[Allocation] = [each for each in result if each.cancellation == one.key]
        assert sum(each.quantity for each in given_back) <= one.quantity
        assert sum(each.amount_minor for each in given_back) <= one.total_minor


def test_codes_differing_only_in_case_are_one_product_and_titles_stand_in_for_missing_codes() -> None:
    assert sku_key("85123a", None) == sku_key(" 85123A", "HEART")
    assert sku_key("", "Red Mug") == "red mug"
    assert sku_key(None, None) == ""
