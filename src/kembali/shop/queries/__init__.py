"""Reading the shop's state; each module one concern."""
