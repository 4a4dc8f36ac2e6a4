"""Pure decisions about sending."""
