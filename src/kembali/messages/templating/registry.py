"""Where templates are: each namespace (a playbook) is a folder with one folder per template.

A template's folder holds `subject.liquid`, `body.mjml` and `body.txt`, all in Liquid.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from kembali.messages.errors import BadTemplate

_NAME = re.compile(r"[a-z0-9_-]+")
_folders: dict[str, Path] = {}


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """The three texts of one template, as written."""

    subject: str
    mjml: str
    text: str


def register_templates(namespace: str, path: Path) -> None:
    """Make the templates in `path` known as "namespace/<folder name>". Repeatable; the last call wins.

    Raises:
        BadTemplate: the namespace is not a plain name, or there is no such folder.
    """
    if not _NAME.fullmatch(namespace) or not path.is_dir():
        raise BadTemplate(f"There are no templates for “{namespace}” in {path}.")
    _folders[namespace] = path


def list_templates() -> list[str]:
    """Return every known template as "namespace/name", sorted."""
    return sorted(
        f"{namespace}/{folder.name}"
        for namespace, path in _folders.items()
        for folder in path.iterdir()
        if (folder / "body.mjml").is_file()
    )


def read_template(name: str) -> TemplateSource:
    """Return the texts of "namespace/name".

    Raises:
        BadTemplate: not registered, or a file is missing. No other file can be reached by a name.
    """
    namespace, _, folder = name.partition("/")
    if namespace not in _folders or not _NAME.fullmatch(folder):
        raise BadTemplate(f"There is no template “{name}”.")
    path = _folders[namespace] / folder
    try:
        subject, mjml, text = (
            (path / file).read_text(encoding="utf-8") for file in ("subject.liquid", "body.mjml", "body.txt")
        )
    except FileNotFoundError as error:
        raise BadTemplate(f"Template “{name}” lacks {Path(str(error.filename)).name}.") from error
    return TemplateSource(subject, mjml, text)
