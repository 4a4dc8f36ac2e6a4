"""One folder per channel: how it writes a message down and hands it over."""
