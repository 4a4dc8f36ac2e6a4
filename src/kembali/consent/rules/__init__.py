"""Pure decisions about permission."""
