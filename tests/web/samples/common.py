"""What several samples share: the moment, a few people, a line with its band."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kembali.web.pages.parts import Chart, Pager, PersonRow, Point, Tag, Unit

AT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
CURRENCY = "EUR"
NO_PAGER = Pager()


def ago(days: float) -> datetime:
    """The instant that many days before `AT`; negative lies ahead."""
    return AT - timedelta(days=days)


def d(text: str) -> Decimal:
    """A decimal, briefly."""
    return Decimal(text)


PEOPLE = (
    PersonRow(
        4021,
        "Marta Wiśniewska",
        "marta@example.com",
        "Poland",
        14,
        61_240,
        Tag("Idle loyal", "away"),
        "38 days past her rhythm of 24",
    ),
    PersonRow(
        4055, "Ahmet Yıldız", "ahmet@example.com", "Turkey", 9, 38_015, Tag("Loyal", "back"), "orders every 31 days"
    ),
    PersonRow(
        4102,
        "Putri Lestari",
        "putri@example.com",
        "Indonesia",
        3,
        9_430,
        Tag("Active", "back"),
        "third order 12 days ago",
    ),
    PersonRow(4377, "João Almeida", "joao@example.com", "Brazil", 1, 2_890, Tag("New"), "first order 6 days ago"),
    PersonRow(
        4412,
        "Wilhelmina van der Aardenburg-Oosterhuis",
        "wilhelmina.vanderaardenburg@example.com",
        "Netherlands",
        27,
        214_905,
        Tag("Big spender", "back"),
        "",
    ),
    PersonRow(
        4530, "customer 17850", "", "United Kingdom", 2, 5_120, Tag("At risk", "away"), "past 1.5 × the shop's rhythm"
    ),
)


def line(
    key: str, title: str, unit: Unit, *, start: float, step: float, width: float, count: int = 12, zero_label: str = ""
) -> Chart:
    """A gently moving line of months, its band narrowing over time."""
    labels = ["Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
    wobble = [0, 0.6, -0.5, 0.9, 0.2, 1.1, -0.3, 0.8, 0.4, 1.2, 0.1, 0.7]
    points = []
    for index in range(count):
        value = start + step * index + step * wobble[index % 12]
        half = width * (1 - index / count / 1.6)
        label = f"{labels[index % 12]} {2025 + (index % 12 > 0)}" if count <= 12 else f"day {index * 2 + 4}"
        low, high = (d(f"{value - half:.4f}"), d(f"{value + half:.4f}")) if width else (None, None)
        points.append(Point(label, d(f"{value:.4f}" if width else f"{value:.0f}"), low, high))
    return Chart(
        key,
        title,
        "with 95 % band" if width else "people at the end of each month",
        f"{title} {labels[0]} to {labels[-1]}, rising.",
        unit,
        tuple(points),
        zero_label,
    )
