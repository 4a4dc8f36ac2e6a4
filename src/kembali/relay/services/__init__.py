"""Change endpoints, fan facts out to them, and deliver."""
