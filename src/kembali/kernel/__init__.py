"""Ids, money, errors, clock: pure Python that every room may use and that uses no room and no framework."""
