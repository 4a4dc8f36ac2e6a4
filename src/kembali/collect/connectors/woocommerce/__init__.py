"""WooCommerce: webhooks and REST API v3 → facts. What it says stands in `shapes`, what becomes of it beside that."""
