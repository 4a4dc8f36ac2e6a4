"""Reads of this room's tables, and of what other rooms know that a decision needs."""
