"""The SQL of the file reader: static text, one file per step; values enter as parameters only."""

from importlib.resources import files


def statement(name: str) -> str:
    """Return the text of one step."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
