"""The shop's state, folded from facts: customers and identity, products, orders, refunds. Personal data live here."""
