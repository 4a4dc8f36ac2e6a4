"""Change permissions. A row and its fact commit together."""
