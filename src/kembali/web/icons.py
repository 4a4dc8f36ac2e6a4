"""The few line icons of the navigation: path data for a 24 × 24 box, stroked with the text's colour."""

from typing import Final

PATHS: Final = {
    "home": "M4 11.5 12 5l8 6.5M6.5 10v9h11v-9",
    "people": "M9 11.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z"
    "M3.5 19c.4-3 2.6-4.8 5.5-4.8s5.1 1.8 5.5 4.8M16 11.5a2.8 2.8 0 0 0 0-5.5M17.2 14.4c2 .5 3.1 2.1 3.3 4.6",
    "segments": "M12 4.5a7.5 7.5 0 1 0 7.5 7.5H12V4.5ZM15.5 4.8a7.5 7.5 0 0 1 3.7 3.7h-3.7V4.8Z",
    "journeys": "M6 6.5a1.7 1.7 0 1 0 0-.1M18 17.5a1.7 1.7 0 1 0 0-.1M7.8 6.5h6.7a3 3 0 0 1 0 6H9.5a3 3 0 0 0 0 5.5h5",
    "proof": "M4.5 19.5h15M7 16V9.5M12 16V5.5M17 16v-4",
    "health": "M3.5 12.5h4l2.2-6 4 11 2.3-5h4.5",
    "mailbox": "M4 6.5h16v11H4zM4.5 7l7.5 6 7.5-6",
    "settings": "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z"
    "M9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    "more": "M5 12h.01M12 12h.01M19 12h.01",
}
