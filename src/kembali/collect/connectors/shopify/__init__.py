"""Shopify: webhooks, and the GraphQL Admin API. What it says stands in `shapes`, what becomes of it beside that."""
