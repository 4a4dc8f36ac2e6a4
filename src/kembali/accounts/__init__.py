"""Staff, their roles and how they sign in. Shoppers are not here: they live in `shop`."""
