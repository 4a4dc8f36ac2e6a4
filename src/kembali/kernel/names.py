"""The short names that people give to what facts come from: keys and connected shops."""

import re

SHORT_NAME = r"[a-z0-9][a-z0-9_\-]{0,39}"
"""As a pattern that Python and a form's field in a browser read alike."""
SHORT_NAME_HINT = "Use up to 40 of a-z, 0-9, - and _."


def is_short_name(text: str) -> bool:
    """Return whether a text is a short name: facts bear it for ever, so it is plain in addresses, files and URLs."""
    return re.fullmatch(SHORT_NAME, text) is not None
