"""Customers as a person and a program see them, and who of them may be one."""

from dataclasses import dataclass
from datetime import datetime

from kembali.kernel.ids import CustomerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where and how a customer is addressed; empty where unknown."""

    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One customer with everything merged into them.

    identifiers: `kind:value`, all clusters. merged_from: the customers whose pointer leads here.
    order_count, net_minor: purchases only (paid, something left after refunds).
    """

    customer_id: CustomerId
    address: Address
    city: str
    first_seen_at: datetime | None
    identifiers: tuple[str, ...]
    merged_from: tuple[CustomerId, ...]
    order_count: int
    net_minor: int
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFound:
    """A line of the people list. Counts and sums as in `Profile`."""

    customer_id: CustomerId
    name: str
    email: str
    customer_ref: str
    country: str
    order_count: int
    net_minor: int
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFound:
    """One page of people; `after` of the next page, None on the last."""

    people: tuple[PersonFound, ...]
    after: CustomerId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFound:
    """A person with everything merged into them; counts and sums as in `Profile`.

    identifiers: kind and value, without those that only a browser claims.
    """

    customer_id: CustomerId
    email: str
    phone: str
    first_name: str
    last_name: str
    country: str
    city: str
    first_seen_at: datetime | None
    updated_at: datetime | None
    identifiers: tuple[tuple[str, str], ...]
    merged_ids: tuple[CustomerId, ...]
    order_count: int
    net_minor: int
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersFound:
    """One page of people; `after` of the next page, None on the last."""

    customers: tuple[CustomerFound, ...]
    after: CustomerId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """What an un-merge takes apart: who leaves and who stays, their identifiers as `kind:value`, the leaving orders.

    subjects: the names under which the leaving facts lie in the log.
    """

    leaving: tuple[CustomerId, ...]
    staying: tuple[CustomerId, ...]
    identifiers: tuple[str, ...]
    staying_identifiers: tuple[str, ...]
    order_refs: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A person as they are compared with another: what they are known by (`kind:value`), their latest orders."""

    person: PersonFound
    identifiers: tuple[str, ...]
    order_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Are these two one person? They share `via` (`kind:value`), yet bear different numbers of one numbering."""

    first: Side
    second: Side
    via: tuple[str, ...]
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPart:
    """One of a person's customers: its identifiers, and those of others in the person that facts named with it."""

    customer_id: CustomerId
    identifiers: tuple[str, ...]
    tied_by: tuple[str, ...]
    is_shared: bool
    order_count: int
