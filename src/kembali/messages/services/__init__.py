"""Change requests: ask, claim, hand over, settle. Each state and its fact commit together."""
