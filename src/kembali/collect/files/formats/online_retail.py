"""UCI Online Retail I and II: one row per invoice line; `C…` invoices cancel, `A…` invoices adjust bad debt."""

from kembali.collect.files.formats.base import Format

ONLINE_RETAIL = Format(
    name="online_retail",
    source="online_retail",
    usual=("GBP", "Europe/London"),
    signatures=(
        frozenset({"InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"}),
        frozenset({"Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Customer ID"}),
    ),
    columns={
        "order_ref": ("InvoiceNo", "Invoice"),
        "placed_at": ("InvoiceDate",),
        "customer_ref": ("CustomerID",),
        "country": ("Country",),
        "sku": ("StockCode",),
        "title": ("Description",),
        "quantity": ("Quantity",),
        "unit_price": ("UnitPrice", "Price"),
    },
    cancellation_prefix="C",
    adjustment_prefix="A",
    free_is_adjustment=True,
    # Postage, carriage, manual entries, discounts, samples, fees, charity commission, padding: not goods.
    service_skus=frozenset({"POST", "DOT", "M", "C2", "D", "S", "B", "AMAZONFEE", "BANK CHARGES", "CRUK", "PADS"}),
    service_sku_prefixes=("GIFT_0001_",),
)
