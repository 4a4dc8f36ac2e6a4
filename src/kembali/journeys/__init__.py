"""Flows: when something happens to a person, what follows and why. Whether a message may go is decided elsewhere."""
