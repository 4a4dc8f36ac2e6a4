"""The commands about who is who: what is open, merging, taking out, and what stands for nobody."""

from typing import TYPE_CHECKING, Annotated

import typer

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, Yes, confirmed, console, report, rows
from kembali.kernel.ids import CustomerId

if TYPE_CHECKING:
    from kembali.shop import api as shop_api

app = typer.Typer(help="Who is who: merge people, take them apart, answer what is open.", no_args_is_help=True)

_SHOWN = 100
_WHO = "command line"

Customer = Annotated[int, typer.Argument(metavar="CUSTOMER", help="The number of a customer, as in their address.")]
Other = Annotated[int, typer.Argument(metavar="OTHER", help="The number of the other customer.")]


@app.command()
def conflicts(as_json: Json = False) -> None:
    """Show which people share something although the shop numbers them apart."""
    with opened_home():
        from kembali.config import wiring
        from kembali.shop import api as shop

        at = wiring.shop_now(wall_clock())
        found, count = shop.list_questions(at, limit=_SHOWN), shop.count_questions(at)
        if as_json:
            pairs = [
                {
                    "first": one.first.person.customer_id,
                    "second": one.second.person.customer_id,
                    "via": one.via,
                    "first_identifiers": one.first.identifiers,
                    "second_identifiers": one.second.identifiers,
                }
                for one in found
            ]
            return report({"open": count, "pairs": pairs}, as_json=True)
        if not found:
            console.print("Nobody is in doubt.")
            return None
        rows("One person, or two?", ("first", "second", "both have"), [_cells(one) for one in found])
        if count > len(found):
            console.print(f"… and {count - len(found):,} more.")
        console.print(
            "Answer: [bold]kembali people merge FIRST SECOND[/] or [bold]kembali people apart FIRST SECOND[/]."
        )
        return None


@app.command()
def merge(customer: Customer, other: Other, as_json: Json = False) -> None:
    """Make two people one. `unmerge` takes it back."""
    with opened_home():
        from kembali.config import wiring
        from kembali.shop import api as shop

        at = wiring.shop_now(wall_clock())
        root = shop.merge(CustomerId(customer), CustomerId(other), at=at, by=_WHO)
        report({"person": root}, as_json=as_json, title="One person now")


@app.command()
def unmerge(customer: Customer, yes: Yes = False, as_json: Json = False) -> None:
    """Take a customer out of the person they belong to, with all that hangs on them alone."""
    with opened_home():
        from kembali.config import wiring
        from kembali.shop import api as shop

        parting = shop.preview_unmerge(CustomerId(customer))
        told = {
            "leaves": ", ".join(parting.identifiers),
            "stays": ", ".join(parting.staying_identifiers),
            "orders that leave": len(parting.order_refs),
        }
        if not as_json:
            report(told, as_json=False)
        confirmed("Take them apart?", yes=yes, as_json=as_json)
        leaving = shop.unmerge(CustomerId(customer), at=wiring.shop_now(wall_clock()), by=_WHO)
        report({"person": min(leaving), "customers": list(leaving)}, as_json=as_json, title="Two people now")


@app.command()
def apart(customer: Customer, other: Other, as_json: Json = False) -> None:
    """Say that two people are two: facts will not merge them."""
    with opened_home():
        from kembali.config import wiring
        from kembali.shop import api as shop

        at = wiring.shop_now(wall_clock())
        shop.keep_apart(CustomerId(customer), CustomerId(other), at=at, by=_WHO)
        report({"kept_apart": [customer, other]}, as_json=as_json)


@app.command()
def country(
    letters: Annotated[str, typer.Argument(metavar="[COUNTRY]", help="Two letters; empty: as the zone says.")] = "",
    as_json: Json = False,
) -> None:
    """Choose where phone numbers without a country code are dialled."""
    with opened_home():
        from kembali.shop import api as shop

        shop.set_country(letters)
        report({"country": shop.shop_settings().country}, as_json=as_json)


@app.command()
def placeholders(
    add: Annotated[list[str] | None, typer.Option("--add", metavar="PATTERN", help="Such as kasse@*.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="PATTERN", help="Take one back.")] = None,
    as_json: Json = False,
) -> None:
    """Show or change what stands for nobody, beside what kembali knows by itself: `*` and `?` match anything."""
    with opened_home():
        from kembali.config import wiring
        from kembali.shop import api as shop

        at = wiring.shop_now(wall_clock())
        if add or remove:
            kept = [one for one in shop.shop_settings().placeholders if one not in (remove or ())]
            shop.set_placeholders([*kept, *(add or ())], at=at)
        report({"placeholders": list(shop.shop_settings().placeholders)}, as_json=as_json)


def _cells(one: "shop_api.Question") -> tuple[str, str, str]:
    first, second = (f"{side.person.customer_id} ({', '.join(side.identifiers)})" for side in (one.first, one.second))
    return first, second, ", ".join(one.via)
