"""Who exactly: rules as data, and since when each customer fits them. Knows no attribute and no table by name."""
