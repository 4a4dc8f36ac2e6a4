"""Changing the shop's state; each module one concern. All of it writes under one lock, see `locking`."""
