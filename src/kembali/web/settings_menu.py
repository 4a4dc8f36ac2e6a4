"""What stands under Settings. A page adds a line, extends `settings_base.html` and names its line in `setting`."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class SettingsEntry:
    """A page under Settings: its route's name, what it is called, and the question it answers."""

    route: str
    title: str | Promise
    question: str | Promise


@dataclass(frozen=True, slots=True)
class SettingsGroup:
    """Pages that belong together."""

    title: str | Promise
    entries: tuple[SettingsEntry, ...]


# A group without pages is not shown. The landing page itself comes first and is no entry.
MENU: tuple[SettingsGroup, ...] = (
    SettingsGroup(gettext_lazy("Where data come from"), (
        SettingsEntry("connections", gettext_lazy("Connections"), gettext_lazy("Do my shop's orders come in?")),
        SettingsEntry("import", gettext_lazy("Files"), gettext_lazy("Bring in what the shop has in files.")),
    )),
    SettingsGroup(gettext_lazy("Developers"), (
        SettingsEntry("site-tracking", gettext_lazy("Site tracking"), gettext_lazy("Do my pages tell what happens?")),
        SettingsEntry("debugger", gettext_lazy("What comes in"), gettext_lazy("Everything as it comes, and whose.")),
        SettingsEntry("rejected", gettext_lazy("Not understood"), gettext_lazy("Rejected, and read again.")),
        SettingsEntry("keys", gettext_lazy("Keys"), gettext_lazy("Which programs may do what?")),
        SettingsEntry("webhooks", gettext_lazy("Webhooks"), gettext_lazy("Who is told what happens?")),
        SettingsEntry("api-docs", gettext_lazy("HTTP API"), gettext_lazy("How does my program talk to kembali?")),
    )),
)  # fmt: skip


def shown_menu() -> tuple[SettingsGroup, ...]:
    """Return the groups that have pages."""
    return tuple(group for group in MENU if group.entries)
