"""Fold the whole log again. Ids survive: identifiers, customers, merges, products and orders keep theirs."""

from datetime import datetime

from kembali.collect.api import lag_of, rewind_consumer, run_consumer
from kembali.infra.database import one_transaction
from kembali.shop.rules import NEVER
from kembali.shop.services.catalogue import resettle_products
from kembali.shop.services.copying import bigints
from kembali.shop.services.deciding import regroup_all
from kembali.shop.services.folding import PROJECTION
from kembali.shop.services.locking import lock_shop
from kembali.shop.services.settling import ALWAYS, settle_customers, settle_orders
from kembali.shop.services.tracking import TRACKING

_CHUNK = 50_000


def rebuild(at: datetime) -> None:
    """Fold every fact again and end in the same `state_hash`. Commits in chunks below 2 s; nobody sees an empty shop.

    Orders stay in place while their version is forgotten, so that the log's own word wins again; what the log does not
    know goes at the end. Identifiers keep their customers, ties and a person's decisions survive; who is one person is
    worked out from them anew.
    Killed on the way, the worker folds on; run it again to remove what is not in the log.
    """
    _forget_words()
    _forget_versions()
    for consumer in (PROJECTION, TRACKING):
        rewind_consumer(consumer)
        while run_consumer(consumer, at=at) or lag_of(consumer):
            pass  # 0 handled with facts left: a worker is folding, and `lag_of` waited for it
    regroup_all(at=at)
    _drop_orphans()


def _forget_words() -> None:
    """Forget what facts said about people and products, but not that these exist."""
    with one_transaction() as cursor:
        lock_shop(cursor)
        cursor.execute("DELETE FROM shop_person")
        for table in ("shop_order_note", "shop_listing", "shop_cart", "shop_shipment"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of this function
    _in_chunks(
        "shop_customer",
        "UPDATE shop_customer SET first_seen_at = NULL, place_at = %(never)s, country = '', city = '', "
        "changed_xid = pg_current_xact_id() WHERE id >= %(first)s AND id < %(end)s",
    )
    _in_chunks(
        "shop_product",
        "UPDATE shop_product SET title_at = %(never)s, title = '', is_service = false, "
        "sku = CASE WHEN owner_cost_minor IS NULL THEN '' ELSE sku END, listed_rank = '', told_cost_rank = '', "
        "told_cost_minor = NULL "
        "WHERE id >= %(first)s AND id < %(end)s",
    )


def _forget_versions() -> None:
    _in_chunks(
        "shop_order",
        "UPDATE shop_order SET version_dated = false, version_at = %(never)s, version_id = '' "
        "WHERE id >= %(first)s AND id < %(end)s",
    )


def _in_chunks(table: str, statement: str) -> None:
    with one_transaction() as cursor:
        cursor.execute(f"SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM {table}")  # noqa: S608 - names of this module
        first, last = cursor.fetchall()[0]
    for start in range(first, last + 1, _CHUNK):
        with one_transaction() as cursor:
            lock_shop(cursor)
            cursor.execute(statement, {"never": NEVER, "first": start, "end": start + _CHUNK})


def _drop_orphans() -> None:
    """Remove orders and products that no fact knows, and settle whose they were."""
    with one_transaction() as cursor:
        lock_shop(cursor)
        cursor.execute(
            "DELETE FROM shop_order o WHERE version_at = %s RETURNING id, "
            "(SELECT root_id FROM shop_customer c WHERE c.id = o.customer_id)",
            (NEVER,),
        )
        gone = cursor.fetchall()
        # What neither an order nor a catalogue nor the owner names any more; costs that only a lost fact told.
        cursor.execute("DELETE FROM shop_product WHERE sku = '' AND title = '' AND listed_rank = ''")
        cursor.execute(
            "UPDATE shop_product SET unit_cost_minor = coalesce(owner_cost_minor, told_cost_minor), "
            "changed_xid = pg_current_xact_id() "
            "WHERE unit_cost_minor IS DISTINCT FROM coalesce(owner_cost_minor, told_cost_minor) RETURNING id"
        )
        resettle_products(cursor, [row[0] for row in cursor.fetchall()])
        if gone:
            orders = bigints(row[0] for row in gone)
            cursor.execute("DELETE FROM shop_order_line WHERE order_id = ANY(%s::bigint[])", (orders,))
            cursor.execute(
                "DELETE FROM shop_refund WHERE order_id = ANY(%(gone)s::bigint[]) "
                "OR cancellation_id = ANY(%(gone)s::bigint[]) RETURNING order_id",
                {"gone": orders},
            )
            unwound = {row[0] for row in cursor.fetchall()}
            settle_customers(cursor, {row[1]: ALWAYS for row in gone if row[1] is not None})
            settle_orders(cursor, unwound, moved=unwound)
