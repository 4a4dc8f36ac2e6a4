"""Pure decisions about flows: no database, no clock, no randomness."""
