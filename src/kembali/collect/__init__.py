"""Facts in: the append-only log of everything that happened, and the ways it gets there."""
